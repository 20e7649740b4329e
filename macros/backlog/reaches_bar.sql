{# True when a measured value is at its bar or over it, compared as rounded values; what was not measured is not. #}
{% macro reaches_bar(measured, bar) -%}
    coalesce({{ rounded(measured ~ '::double', digits=38) }} >= {{ rounded(bar ~ '::double', digits=38) }}, false)
{%- endmacro %}
