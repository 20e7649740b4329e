{# One noise filter of a proposal: the measured value beside the bar, compared as rounded values. #}
{% macro guardrail(bar, measured) -%}
    {
        'guardrail': '{{ bar }}',
        'measured': {{ measured }}::double,
        'bar': {{ bar }}::double,
        'is_passed': {{ reaches_bar(measured, bar) }}
    }
{%- endmacro %}
