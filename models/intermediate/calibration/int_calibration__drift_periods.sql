-- The periods whose metrics are written tonight: the touched ones, and of each stream the first one after a touched
-- one, since its drift is measured against it (also when the stream no longer has a sample there).

{{ config(schema='scratch') }}

with

touched as (
    select * from {{ ref('int_calibration__touched_periods') }}
),

successors as (
    select
        scores.period_granularity,
        min(scores.period_starts_on) as period_starts_on
    from {{ ref('int_calibration__scores') }} as scores
    inner join touched
        on
            scores.period_granularity = touched.period_granularity
            and scores.period_starts_on > touched.period_starts_on
    group by scores.period_granularity, scores.claim_class, scores.parser_version, touched.period_starts_on
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
    from successors
)

select * from final
