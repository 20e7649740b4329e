{# The candidates with a column for each text that a rule may look at. #}
{% macro quality_texts(candidates) -%}
    select
        candidate_id,
        source_key,
        created_at,
        {%- for field, text in quality_fields().items() %}
        {{ text }} as {{ field }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ candidates }}
{%- endmacro %}
