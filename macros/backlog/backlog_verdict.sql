{# The one verdict of a proposal, in the order in which a run judges. #}
{% macro backlog_verdict() -%}
    case
        when slots.verdict_before_slots is not null then slots.verdict_before_slots
        when slots.rank_in_source > slots.max_candidates_per_source then 'limited_by_source'
        when slots.rank_in_run > slots.max_candidates_per_run then 'limited_by_run'
        else 'written'
    end
{%- endmacro %}
