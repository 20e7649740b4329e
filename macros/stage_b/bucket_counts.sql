{# How many tickets of an epoch each review bucket holds. #}
{% macro bucket_counts() -%}
    {%- for bucket in [
        'failure_malformed', 'need_review', 'reflection_malformed', 'low_agreement', 'selection_manual_review', 'none'
    ] -%}
    count(*) filter (where review_bucket = '{{ bucket }}') as {{ bucket }}_count{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
