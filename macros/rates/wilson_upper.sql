{# The upper Wilson score bound of a rate at 95 %. #}
{% macro wilson_upper(successes, trials) -%}{{ wilson_bound(successes, trials, '+') }}{%- endmacro %}
