-- Of the last placebos whose gate opened, how many were called an effect: per metric, of all and of those with few
-- successes, where a test errs first. Counted back from the latest night.

with

policy as ({{ policy_in_force(ref('placebo_policy')) }}
),

grouped as (
    select
        *,
        unnest(if(is_low_rate, ['all', 'low_rate'], ['all'])) as rate_group
    from {{ ref('placebo_experiments') }}
),

numbered as (
    select
        grouped.*,
        row_number() over (
            partition by metric_name, rate_group, is_opened order by drawn_at desc, placebo_id asc
        ) as place
    from grouped
),

final as (
    select
        numbered.metric_name,
        numbered.rate_group,
        count(*) as placebo_count,
        count(*) filter (where numbered.is_opened and numbered.place <= policy.kept_count) as opened_count,
        count(*) filter (where numbered.is_rejected and numbered.place <= policy.kept_count) as rejected_count,
        count(*) filter (where numbered.is_planted_found and numbered.place <= policy.kept_count) as found_count,
        any_value(policy.min_opened) as min_opened,
        any_value(policy.planted_lift) as planted_lift
    from numbered
    cross join policy
    group by numbered.metric_name, numbered.rate_group
)

select * from final
