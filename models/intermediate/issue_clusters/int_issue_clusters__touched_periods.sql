-- The days and weeks whose clusters may differ from last night's: they hold a signal that came, or lost to a better
-- version, or was passed by as_of, or was taken back, since then; or a policy row of theirs is new. A week's trend
-- looks at the weeks before it, and at its own days that are over: it follows what touches them.

{{ config(schema='scratch') }}

with

events as (
    select * from {{ ref('stg_events') }}
    where event_at <= {{ as_of() }}
),

signals as (
    select
        event_id,
        event_at,
        coalesce(captured_at, event_at) as captured_at,
        loaded_in_run
    from events
    where event_type = 'learning.signal.logged'
),

touched_retractions as (
    select retracted_event_id from events
    where event_type = 'event.retracted' and {{ is_touched('event_at') }}
),

touched as (
    {{ periods_of('signals', 'captured_at', is_touched('event_at')) }}
    union
    {{ periods_of('signals', 'captured_at', 'event_id in (select retracted_event_id from touched_retractions)') }}
    union
    {{ periods_judged_anew(
        'signals', 'captured_at',
        ['issue_clusters', 'signal_weights', 'mismatch_severities', 'confidence_bands', 'cluster_trends']
    ) }}
),

unfinished as (
    select *
    from ({{ periods_of('signals', 'captured_at', 'captured_at > ' ~ previous_as_of() ~ ' - interval 7 days') }})
    where period_granularity = 'week' and period_starts_on + 7 > {{ previous_as_of() }}
),

policy as (
    select max(weeks_before) as weeks_before
    from {{ ref('cluster_trends') }}
),

following as (
    select
        period_granularity,
        (period_starts_on + to_weeks(unnest(range(1, weeks_before + 1))::integer))::date as period_starts_on
    from touched
    cross join policy
    where period_granularity = 'week'
),

final as (
    select * from touched
    union
    select * from unfinished
    union
    select * from following
)

select * from final
