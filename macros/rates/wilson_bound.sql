{# A Wilson score bound of a rate at 95 % (Wilson 1927): honest at small counts and near 0 and 1; null without trials. #}
{% macro wilson_bound(successes, trials, sign) -%}
    {%- set z = '1.959963984540054::double' -%}
    {%- set k, n = '(' ~ successes ~ ')::double', '(' ~ trials ~ ')::double' -%}
    case
        when {{ trials }} > 0 then greatest(0, least(1,
            ({{ k }} + {{ z }} * {{ z }} / 2 {{ sign }} {{ z }} * sqrt(
                {{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4
            )) / ({{ n }} + {{ z }} * {{ z }})
        ))
    end
{%- endmacro %}
