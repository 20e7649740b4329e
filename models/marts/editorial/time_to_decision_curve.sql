-- What share of the candidates still waits after so many hours: Kaplan and Meier (1958) over the candidates created in
-- the window, with Greenwood's variance on the log-log scale (Kalbfleisch and Prentice 1980), which keeps the bounds
-- within 0 and 1. Waits count in whole hours begun: a curve by the microsecond has a row for each candidate and says no
-- more.

with

waits as (
    select
        window_days,
        is_decided,
        ceil(waited_us / 3.6e9)::bigint as waited_hours
    from ({{ candidate_waits() }}) as candidate_waits
),

per_hour as (
    select
        window_days,
        waited_hours,
        count(*) as left_count,
        count(*) filter (where is_decided) as decided_count
    from waits
    group by window_days, waited_hours
),

at_risk as (
    select
        *,
        (sum(left_count) over (partition by window_days order by waited_hours desc))::bigint as at_risk_count
    from per_hour
),

survival as (
    select
        *,
        {{ rounded('product(1 - decided_count / at_risk_count) over so_far') }} as open_share,
        sum(decided_count / nullif(at_risk_count * (at_risk_count - decided_count), 0)) over so_far as greenwood_sum
    from at_risk
    window so_far as (partition by window_days order by waited_hours)
),

bounded as (
    select
        *,
        case
            when open_share > 0 and open_share < 1 then 1.959963984540054 * sqrt(greenwood_sum) / abs(ln(open_share))
        end as log_log_margin
    from survival
),

final as (
    select
        window_days,
        waited_hours,
        at_risk_count,
        decided_count,
        left_count - decided_count as censored_count,
        open_share,
        case when open_share = 1 then 1 else power(open_share, exp(log_log_margin)) end as open_share_lower,
        case when open_share = 1 then 1 else power(open_share, exp(-log_log_margin)) end as open_share_upper,
        {{ as_of() }} as computed_at
    from bounded
)

select * from final
