{# The one instant of the run. No model reads the wall clock. A variable of the session, which folds into a scan's
   filter like a literal; so the text of a model is the same every night, and can be run as of another instant. #}
{% macro as_of() -%}
    getvariable('as_of')
{%- endmacro %}
