-- The weeks that tonight's run looks at: each after the latest week of the last run of the bridge, through tonight's.
-- A week without a night is no week without failures. A first run takes the latest only: a year of weeks that nobody
-- asked about is no backlog. A run whose bridge was switched off looked at none.

{{ config(schema='scratch') }}

with

runs_before as (
    select max({{ latest_week('as_of') }}) as looked_at_until
    from {{ ref('nightly_runs') }}
    where status = 'success' and is_bridge_enabled and as_of < {{ as_of() }}
),

looked_at as (
    select least(coalesce(looked_at_until + 7, {{ latest_week() }}), {{ latest_week() }})::timestamp as since
    from runs_before
),

final as (
    select
        unnest(generate_series(since, {{ latest_week() }}::timestamp, interval 7 days))::date as period_starts_on
    from looked_at
)

select * from final
