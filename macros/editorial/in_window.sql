{# Whether an instant lies in a trailing window: (as_of - n days, as_of]. #}
{% macro in_window(instant) -%}
    ({{ instant }} > {{ as_of() }} - to_days(window_days) and {{ instant }} <= {{ as_of() }})
{%- endmacro %}
