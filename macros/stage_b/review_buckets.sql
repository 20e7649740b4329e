{# The review buckets that a ticket can lie in. #}
{% macro review_buckets() -%}
    {{ return([
        'failure_malformed', 'need_review', 'reflection_malformed', 'low_agreement', 'selection_manual_review', 'none'
    ]) }}
{%- endmacro %}
