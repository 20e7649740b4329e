{# The place of the first review bucket that a processed ticket belongs in: a number, for a list per ticket costs more. #}
{% macro first_bucket() -%}
    least(
        {%- for bucket in review_buckets() %}
        case when {{ belongs_in_bucket(bucket) }} then places.{{ bucket }}_place end{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
