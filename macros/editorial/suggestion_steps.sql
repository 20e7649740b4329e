{# The fold of the decisions on each suggestion: from its state to the next, by the seed of transitions. What is refused
   leaves the state as it is; an adoption must be of the experiment that was planned. #}
{% macro suggestion_steps(steps, judged) -%}
    select distinct
        suggestion_id,
        0::bigint as decision_number,
        'open' as status,
        null::varchar as planned_experiment_id,
        null::varchar as refusal
    from {{ judged }}
    union all
    select
        next.suggestion_id,
        next.decision_number,
        if(next.refusal is null, next.status_after, next.status) as status,
        if(next.refusal is null and next.decision = 'plan', next.experiment_id, next.planned_experiment_id)
            as planned_experiment_id,
        next.refusal
    from (
        select
            {{ judged }}.suggestion_id,
            {{ judged }}.decision_number,
            {{ judged }}.decision,
            {{ judged }}.experiment_id,
            {{ steps }}.status,
            {{ steps }}.planned_experiment_id,
            transitions.status_after,
            case
                when transitions.status_after is null
                    and coalesce({{ judged }}.own_refusal, '') != 'unknown_suggestion' then 'not_allowed_when_' || {{ steps }}.status
                when {{ judged }}.own_refusal is not null then {{ judged }}.own_refusal
                when {{ judged }}.decision = 'adopt'
                    and {{ judged }}.experiment_id != {{ steps }}.planned_experiment_id then 'other_experiment'
            end as refusal
        from {{ steps }}
        inner join {{ judged }}
            on
                {{ steps }}.suggestion_id = {{ judged }}.suggestion_id
                and {{ steps }}.decision_number + 1 = {{ judged }}.decision_number
        left join {{ ref('suggestion_transitions') }} as transitions
            on {{ steps }}.status = transitions.status_before and {{ judged }}.decision = transitions.decision
    ) as next
{%- endmacro %}
