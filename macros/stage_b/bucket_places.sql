{# At which place of its run's order each review bucket stands; null where the run knows none of that name. #}
{% macro bucket_places() -%}
    {%- for bucket in review_buckets() -%}
    min(place) filter (where review_bucket = '{{ bucket }}') as {{ bucket }}_place{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
