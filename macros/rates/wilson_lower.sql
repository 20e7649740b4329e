{# The lower Wilson score bound of a rate at 95 %. #}
{% macro wilson_lower(successes, trials) -%}{{ wilson_bound(successes, trials, '-') }}{%- endmacro %}
