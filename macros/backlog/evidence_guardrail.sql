{# A class needs an alarm that stands: what it measured is its statistic beside the bar, in logarithms. #}
{% macro evidence_guardrail() -%}
    {
        'guardrail': 'within_chance',
        'measured': log_statistic::double,
        'bar': log_bar::double,
        'is_passed': evidence = 'alarm'
    }
{%- endmacro %}
