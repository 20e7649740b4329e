-- Tonight's proposals of every source, each with its key and what the run can say without knowing any candidate: is it
-- noise, is it the second of its key? Of a key's weeks the one with the highest priority is proposed. A further source
-- is one more line here, its model and its policy row.

{{ config(schema='scratch') }}

with

from_sources as (
    select * from {{ ref('int_backlog__proposals_issue_cluster') }}
    union all
    select * from {{ ref('int_backlog__proposals_extraction_calibration') }}
),

sources as ({{ policy_in_force(ref('backlog_sources'), ['source_type']) }}
),

weights as ({{ policy_in_force(ref('backlog_priority')) }}
),

keyed as (
    select
        from_sources.*,
        {{ candidate_key('sources.key_prefix', 'from_sources.source_ref') }} as candidate_key,
        {{ priority_label('from_sources.priority_score', 'weights') }} as priority,
        [rail for rail in from_sources.guardrails if not rail.is_passed][1] as missed_guardrail
    from from_sources
    inner join sources
        on from_sources.source_type = sources.source_type and sources.is_active
    cross join weights
    where {{ var('backlog_bridge_enabled') }}
),

-- Ties within a key go to the later week, then by the row of the source: the order of a scan is none.
ranked as (
    select
        *,
        row_number() over (
            partition by candidate_key, missed_guardrail is null
            order by {{ more_pressing_first() }}, period_starts_on desc, source_row_ref asc
        ) as rank_in_key,
        max(period_starts_on) over (partition by candidate_key, missed_guardrail is null) as last_period_starts_on
    from keyed
),

final as (
    select
        row_number()
            over (order by {{ more_pressing_first() }}, period_starts_on desc, source_row_ref asc)
            as proposal_number,
        candidate_key,
        source_type,
        source_ref,
        subject_ref,
        source_period_key,
        period_starts_on,
        last_period_starts_on,
        priority_score,
        priority,
        event_count,
        unique_users,
        weeks_recurring,
        first_recurred_on,
        trend,
        guardrails,
        case
            when missed_guardrail is not null then 'filtered_noise'
            when rank_in_key > 1 then 'duplicate_in_run'
        end as early_verdict,
        missed_guardrail,
        text_variant,
        map_concat(facts, map { 'priority': {{ shown_number('priority_score') }}, 'label': priority }) as facts,
        impacted_metrics,
        update_targets,
        evidence
    from ranked
)

select * from final
