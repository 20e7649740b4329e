{# The chance that a standard normal variable exceeds z. DuckDB has no erf: erfc by a Chebyshev fit (Press et al., Numerical
   Recipes, erfcc), whose relative error is under 1.2e-7 everywhere, so that far tails can be compared. #}
{% macro normal_upper_tail(z) -%}
    {%- set x = '(abs(' ~ z ~ ') / sqrt(2))' -%}
    {%- set t = '(1 / (1 + ' ~ x ~ ' / 2))' -%}
    {%- set tail -%}
        {{ t }} / 2 * exp(-{{ x }} * {{ x }} - 1.26551223 + {{ t }} * (1.00002368 + {{ t }} * (0.37409196 + {{ t }} * (
            0.09678418 + {{ t }} * (-0.18628806 + {{ t }} * (0.27886807 + {{ t }} * (-1.13520398 + {{ t }} * (
                1.48851587 + {{ t }} * (-0.82215223 + {{ t }} * 0.17087277)
            )))
        )))))
    {%- endset -%}
    if({{ z }} >= 0, {{ tail }}, 1 - {{ tail }})
{%- endmacro %}
