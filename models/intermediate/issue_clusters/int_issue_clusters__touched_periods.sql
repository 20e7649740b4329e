-- The days and weeks whose clusters may differ from last night's: they hold a signal that came, or lost to a better
-- version, or was passed by as_of, since then; or a policy row of theirs is new.

{{ config(schema='scratch') }}

with

signals as (
    select
        event_at,
        coalesce(captured_at, event_at) as captured_at,
        loaded_in_run
    from {{ ref('stg_events') }}
    where event_type = 'learning.signal.logged' and event_at <= {{ as_of() }}
),

touched_days as (
    select distinct captured_at::date as day
    from signals
    where {{ is_touched('event_at') }}
),

touched as (
    select unnest({{ period_starts('day') }}, recursive := true)
    from touched_days
),

-- A policy row is for the periods that start under it: the week in which it comes keeps the one before.
days_judged_anew as (
    select distinct captured_at::date as day
    from signals
    where captured_at >= {{ policy_changed_from(
        ['issue_clusters', 'signal_weights', 'mismatch_severities', 'confidence_bands']
    ) }}
),

judged_anew as (
    select unnest({{ period_starts('day') }}, recursive := true)
    from days_judged_anew
),

final as (
    select
        period_granularity,
        period_starts_on
    from touched
    union
    select
        period_granularity,
        period_starts_on
    from judged_anew
    where period_starts_on >= {{ policy_changed_from(
        ['issue_clusters', 'signal_weights', 'mismatch_severities', 'confidence_bands']
    ) }}
)

select * from final
