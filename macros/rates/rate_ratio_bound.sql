{#
  A bound at 95 % of the ratio of two Poisson rates: so many cases, against so many in `weeks` times the exposure. Given
  both, the first are binomial; its Wilson score bound with continuity correction (Newcombe 1998, method 4), as odds.
  Counts that differ by more than chance are divided by their overdispersion. Null where there is no such bound.
#}
{% macro rate_ratio_bound(cases, cases_before, weeks, overdispersion, sign) -%}
    {%- set z2 = '3.841458820694124::double' -%}
    {%- set k, n = '(' ~ cases ~ ' / ' ~ overdispersion ~ ')', '((' ~ cases ~ ' + ' ~ cases_before ~ ') / ' ~ overdispersion ~ ')' -%}
    {%- set other = '-' if sign == '+' else '+' -%}
    {%- set share -%}
        (2 * {{ k }} + {{ z2 }} {{ sign }} 1 {{ sign }} sqrt({{ z2 }}) * sqrt(greatest(0,
            {{ z2 }} {{ sign }} 2 - 1 / {{ n }} + 4 * {{ k }} / {{ n }} * ({{ n }} - {{ k }} {{ other }} 1)
        ))) / (2 * ({{ n }} + {{ z2 }}))
    {%- endset -%}
    case
        when {{ cases }} + {{ cases_before }} = 0 or {{ weeks }} = 0 then null
        {% if sign == '-' %}when {{ cases }} = 0 then 0{% else %}when {{ cases_before }} = 0 then null{% endif %}
        when {{ share }} < 1 then {{ weeks }} * greatest(0, {{ share }}) / (1 - greatest(0, {{ share }}))
    end
{%- endmacro %}
