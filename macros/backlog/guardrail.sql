{# One noise filter of a proposal: the measured value beside the bar, compared as rounded values. #}
{% macro guardrail(bar, measured) -%}
    {
        'guardrail': '{{ bar }}',
        'measured': {{ measured }}::double,
        'bar': {{ bar }}::double,
        'is_passed': coalesce({{ rounded(measured ~ '::double', digits=38) }} >= {{ rounded(bar ~ '::double', digits=38) }}, false)
    }
{%- endmacro %}
