-- What became of each suggestion that a night confirmed: a fold over what the nights said and what people decided.

with

policy as ({{ policy_in_force(ref('tuning_policy')) }}
),

-- The last night of an ended stretch is the one before its end.
said as (
    select
        log.suggestion_id,
        log.since,
        log.verdict,
        log.ended_at,
        max(nights.as_of) as ended_after
    from {{ ref('tuning_suggestion_log') }} as log
    left join {{ ref('nightly_runs') }} as nights on log.ended_at > nights.as_of and nights.status = 'success'
    group by log.suggestion_id, log.since, log.verdict, log.ended_at
),

confirmed as (
    select
        suggestion_id,
        min(since) as first_night,
        max(if(ended_at is null, {{ as_of() }}, coalesce(ended_after, since))) as last_night
    from said
    where verdict = 'confirmed'
    group by suggestion_id
),

latest as (
    select * from {{ ref('tuning_suggestion_log') }}
    qualify row_number() over (partition by suggestion_id order by since desc) = 1
),

decided as (
    select * from {{ ref('suggestion_history') }}
    where refusal is null
    qualify row_number() over (partition by suggestion_id order by decision_number desc) = 1
),

changes as (
    select
        change_json ->> '$.suggestion_id' as suggestion_id,
        held
    from {{ ref('tuning_history') }}
    where deployment_mode = 'full'
    qualify row_number() over (partition by suggestion_id order by applied_at desc, tuning_change_id desc) = 1
),

final as (
    select
        latest.suggestion_id,
        latest.source_key,
        latest.kind,
        latest.direction,
        latest.value,
        coalesce(decided.status, if(
            confirmed.last_night > {{ as_of() }} - to_days(policy.keep_open_days), 'open', 'outdated'
        )) as status,
        case when latest.ended_at is null then latest.verdict else 'not_suggested' end as verdict,
        confirmed.first_night,
        confirmed.last_night,
        decided.planned_experiment_id as experiment_id,
        gates.verdict as experiment_verdict,
        decided.config_version,
        decided.actor as decided_by,
        decided.decided_at,
        decided.reason,
        changes.held,
        latest.evidence,
        {{ as_of() }} as computed_at
    from latest
    inner join confirmed on latest.suggestion_id = confirmed.suggestion_id
    cross join policy
    left join decided on latest.suggestion_id = decided.suggestion_id
    left join {{ ref('experiment_gates') }} as gates on decided.planned_experiment_id = gates.experiment_id
    left join changes on latest.suggestion_id = changes.suggestion_id
)

select * from final
