{# Pre-hook: what an unfinished night made of tonight's new titles goes before it is made again. #}
{% macro forget_titles(columns) %}
    {% if is_incremental() %}
        delete from {{ this }}
        where {% for column in columns %}{{ column }} in (select title_key from {{ ref('int_duplicates__new_titles') }})
            {%- if not loop.last %} or {% endif %}{% endfor %}
    {% else %}
        select 1
    {% endif %}
{% endmacro %}
