-- The log evidence up to each week, and in blocks the sum of exp(-(that before each week)) up to it, for the statistic.
-- The terms are scaled in blocks of 100 by their highest so far, so that no exponential overflows, however long the
-- calm.

{{ config(schema='scratch') }}

with

sums as (
    select
        *,
        sum(log_evidence) over to_here as evidence_sum,
        (log_evidence - sum(log_evidence) over to_here)::double as term
    from {{ ref('int_calibration__weekly_evidence') }}
    window to_here as (
        partition by channel, claim_class, parser_version, watched_from, drop_size order by period_starts_on
    )
),

peaks as (
    select
        *,
        max(term) over to_here as peak,
        floor(peak / 100) as block,
        term > coalesce(max(term) over before_it, '-infinity'::double) as is_peak
    from sums
    window
        to_here as (
            partition by channel, claim_class, parser_version, watched_from, drop_size order by period_starts_on
        ),
        before_it as (
            partition by channel, claim_class, parser_version, watched_from, drop_size order by period_starts_on
            rows between unbounded preceding and 1 preceding
        )
),

final as (
    select
        *,
        sum(exp(term - 100 * block)) over (
            partition by channel, claim_class, parser_version, watched_from, drop_size, block order by period_starts_on
        ) as block_sum,
        -- The week after which the evidence for a drop began to outweigh that against it.
        max(case when is_peak then period_starts_on end) over (
            partition by channel, claim_class, parser_version, watched_from, drop_size order by period_starts_on
        ) as rises_from
    from peaks
)

select * from final
