{# The one instant of the run. No model reads the wall clock. A function without parameters, which folds into a
   scan's filter like a literal; so the text of a model is the same every night, and can be run as of another instant. #}
{% macro as_of() -%}
    run.as_of()
{%- endmacro %}
