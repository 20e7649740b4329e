{# The trailing windows in force, for a cross join. #}
{% macro performance_windows() -%}
    select window_days from ({{ policy_periods(ref('performance_windows'), ['window_days']) }}) as policy
    where {{ in_force('policy', as_of()) }}
{%- endmacro %}
