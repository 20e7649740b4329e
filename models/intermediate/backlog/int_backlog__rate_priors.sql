-- What is known of a signature's rate before its own weeks are looked at, per week in which something was settled: how
-- the rates of all signatures lie (a gamma distribution), and how much more than chance one's weeks differ. By moments.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('fix_effects_policy')) }}
),

means as (
    select
        *,
        percent_rank() over (
            partition by settled_in, inner_weeks > 1 and inner_cases > 0 order by residuals / fitted_squares
        ) as rank_of_spread,
        sum(cases) over settled_weeks / sum(exposure) over settled_weeks as mean_rate
    from {{ ref('int_backlog__usual_rates') }}
    window settled_weeks as (partition by settled_in)
),

moments as (
    select
        settled_in,
        mean_rate,
        greatest(
            sum(exposure * pow(rate - mean_rate, 2)) / sum(exposure) - mean_rate * count(*) / sum(exposure),
            pow(mean_rate, 2) * any_value(policy.least_relative_variance)
        ) as variance,
        -- Without the few that spread most: one signature's outage would make every other's weeks say nothing.
        coalesce(
            greatest(0, sum(residuals * inner_weeks / (inner_weeks - 1) - inner_cases) filter (
                where inner_weeks > 1 and rank_of_spread <= policy.usual_spread
            ) / nullif(sum(fitted_squares) filter (
                where inner_weeks > 1 and rank_of_spread <= policy.usual_spread
            ), 0)),
            0
        ) as overdispersion
    from means
    cross join policy
    group by settled_in, mean_rate
),

final as (
    select
        settled_in,
        pow(mean_rate, 2) / variance as gamma_shape,
        mean_rate / variance as gamma_rate,
        overdispersion
    from moments
    where mean_rate > 0
)

select * from final
