-- What is known of a promoted class before its own weeks are looked at: that it is as wrong as it says of itself, with
-- the weight of one wrong claim; and how much more than chance its weeks differ, by moments over those before, but by
-- no less than its sessions say.

{{ config(schema='scratch') }}

with

weeks as (
    select
        *,
        exposure * sum(wrong_count) over watch / sum(exposure) over watch as usual_wrong_count,
        count(*) over watch as weeks_before
    from {{ ref('int_backlog__class_weeks') }}
    where period_starts_on <= settled_in
    window watch as (partition by candidate_key, settled_at)
),

final as (
    select
        candidate_key,
        settled_at,
        1::double as gamma_shape,
        1 / any_value(told_wrong_before) as gamma_rate,
        greatest((avg(design_effect) - 1) / avg(usual_wrong_count), coalesce(
            (
                sum(pow(wrong_count - usual_wrong_count, 2)) * any_value(weeks_before)
                / nullif(any_value(weeks_before) - 1, 0) - sum(usual_wrong_count)
            ) / nullif(sum(pow(usual_wrong_count, 2)), 0),
            0
        )) as overdispersion
    from weeks
    where usual_wrong_count > 0
    group by candidate_key, settled_at
)

select * from final
