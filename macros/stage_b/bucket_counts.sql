{# How many tickets of an epoch each review bucket holds. #}
{% macro bucket_counts() -%}
    {%- for bucket in review_buckets() -%}
    count(*) filter (where review_bucket = '{{ bucket }}') as {{ bucket }}_count{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
