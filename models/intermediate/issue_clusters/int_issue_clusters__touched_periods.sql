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

final as (
    {{ periods_of('signals', 'captured_at', is_touched('event_at')) }}
    union
    {{ periods_judged_anew(
        'signals', 'captured_at', ['issue_clusters', 'signal_weights', 'mismatch_severities', 'confidence_bands']
    ) }}
)

select * from final
