-- The rates of all signatures up to each week in which something was settled, and how much the weeks of one differ.

{{ config(schema='scratch') }}

with

weeks as (
    select
        settled_in,
        period_starts_on,
        sum(traffic) as traffic
    from {{ ref('int_backlog__usual_cases') }}
    where is_reference
    group by settled_in, period_starts_on
),

relative as (
    select
        settled_in,
        period_starts_on,
        traffic / avg(traffic) over (partition by settled_in) as exposure
    from weeks
),

exposures as (
    select
        *,
        sum(exposure) over from_here as exposure_from_here,
        sum(pow(exposure, 2)) over from_here as squares_from_here,
        count(*) over from_here as weeks_from_here
    from relative
    window from_here as (
        partition by settled_in order by period_starts_on desc rows between unbounded preceding and current row
    )
),

signatures as (
    select
        cases.settled_in,
        cases.cluster_signature,
        cases.counted_from,
        max(cases.period_starts_on) as last_seen_in,
        coalesce(sum(cases.cases) filter (where is_counted), 0) as cases,
        coalesce(sum(cases.cases) filter (where is_inner), 0) as inner_cases,
        coalesce(sum(pow(cases.cases, 2)) filter (where is_inner), 0) as inner_squares,
        coalesce(sum(cases.cases * relative.exposure) filter (where is_inner), 0) as inner_products
    from (
        select
            *,
            period_starts_on >= counted_from as is_counted,
            is_counted and period_starts_on < max(period_starts_on) over (partition by settled_in, cluster_signature)
                as is_inner
        from {{ ref('int_backlog__usual_cases') }}
    ) as cases
    inner join relative using (settled_in, period_starts_on)
    group by cases.settled_in, cases.cluster_signature, cases.counted_from
),

-- How the weeks of one signature differ is seen between its first and its last: a signature that is gone differs from
-- itself by more than any noise.
final as (
    select
        signatures.settled_in,
        signatures.cluster_signature,
        signatures.cases,
        signatures.inner_cases,
        since_first.exposure_from_here as exposure,
        signatures.cases / since_first.exposure_from_here as rate,
        since_first.weeks_from_here - since_last.weeks_from_here as inner_weeks,
        signatures.inner_cases / (since_first.exposure_from_here - since_last.exposure_from_here) as inner_rate,
        pow(inner_rate, 2) * (since_first.squares_from_here - since_last.squares_from_here) as fitted_squares,
        signatures.inner_squares - 2 * inner_rate * signatures.inner_products + fitted_squares as residuals
    from signatures
    asof inner join exposures as since_first
        on signatures.settled_in = since_first.settled_in and signatures.counted_from <= since_first.period_starts_on
    asof inner join exposures as since_last
        on signatures.settled_in = since_last.settled_in and signatures.last_seen_in <= since_last.period_starts_on
)

select * from final
