-- The weeks of each watch: how many cases there were, and how much there was to see. Those up to the decision say what
-- is usual: of a signature from the week after it was first seen, of a class since its alarm began. Those after it are
-- numbered, and judged.

{{ config(schema='scratch') }}

with

first_seen as (
    select
        cluster_signature,
        min(first_seen_in) as first_seen_in
    from {{ ref('int_backlog__weekly_signals') }}
    group by cluster_signature
),

of_signatures as (
    select
        exposures.candidate_key,
        exposures.settled_at,
        exposures.settled_in,
        exposures.period_starts_on,
        exposures.exposure,
        coalesce(signals.cases, 0) as cases,
        coalesce(signals.events, 0) as events
    from {{ ref('int_backlog__exposures') }} as exposures
    left join first_seen on exposures.cluster_signature = first_seen.cluster_signature
    left join {{ ref('int_backlog__weekly_signals') }} as signals
        on
            exposures.cluster_signature = signals.cluster_signature
            and exposures.period_starts_on = signals.period_starts_on
    where
        exposures.exposure is not null
        and exposures.period_starts_on >= least(exposures.settled_in, first_seen.first_seen_in + 7)
),

weeks as (
    select * from of_signatures
    union all by name
    select
        candidate_key,
        settled_at,
        settled_in,
        period_starts_on,
        exposure,
        wrong_count as cases,
        wrong_count as events
    from {{ ref('int_backlog__class_weeks') }}
),

final as (
    select
        *,
        period_starts_on <= settled_in as is_before,
        case when period_starts_on > settled_in then row_number() over (
            partition by candidate_key, settled_at, period_starts_on <= settled_in order by period_starts_on
        ) end as week_number
    from weeks
)

select * from final
