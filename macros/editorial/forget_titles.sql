{# Pre-hook: of these columns' titles, what is compared anew tonight goes before it is made again, and what no candidate
   says any more. #}
{% macro forget_titles(columns, compared_anew) %}
    {% set kept = ref('int_duplicates__title_sets') %}
    {% if is_incremental() %}
        delete from {{ this }}
        where {% for column in columns -%}
            {{ column }} in (select title_key from {{ compared_anew }})
            or {{ column }} not in (select title_key from {{ kept }})
            {%- if not loop.last %} or {% endif %}{% endfor %}
    {% endif %}
{% endmacro %}
