{# How often the candidates of each key were promoted up to and including a day: running sums, for an asof join. #}
{% macro usual_record(decided, key) -%}
    select
        {{ key }} as record_key,
        decided_on,
        sum(sum(promoted_count)) over (partition by {{ key }} order by decided_on) as promoted_count,
        sum(sum(decided_count)) over (partition by {{ key }} order by decided_on) as decided_count
    from {{ decided }}
    group by {{ key }}, decided_on
{%- endmacro %}
