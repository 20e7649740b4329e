-- Whether a source's promotion rate moved: the last trend_days against as many before. Decaying or improving only when
-- the interval of the difference leaves zero out; under min_reviews_to_rank on either side nobody can tell.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

counted as (
    select
        labels.source_key,
        any_value(policy.trend_days) as trend_days,
        any_value(policy.min_reviews_to_rank) as min_reviews_to_rank,
        count(*) filter (where labels.created_at > {{ as_of() }} - to_days(policy.trend_days)) as recent_count,
        count(*) filter (
            where labels.is_promotion and labels.created_at > {{ as_of() }} - to_days(policy.trend_days)
        ) as recent_promoted_count,
        count(*) filter (where labels.created_at <= {{ as_of() }} - to_days(policy.trend_days)) as earlier_count,
        count(*) filter (
            where labels.is_promotion and labels.created_at <= {{ as_of() }} - to_days(policy.trend_days)
        ) as earlier_promoted_count
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(2 * policy.trend_days)
    where labels.is_counted
    group by labels.source_key
),

measured as (
    select
        *,
        {{ difference_with_bounds(
            'recent_promoted_count', 'recent_count', 'earlier_promoted_count', 'earlier_count', 'change'
        ) }}
    from counted
),

final as (
    select
        source_key,
        trend_days,
        recent_count,
        recent_promoted_count,
        earlier_count,
        earlier_promoted_count,
        change,
        change_lower,
        change_upper,
        case
            when least(recent_count, earlier_count) < min_reviews_to_rank then 'insufficient_data'
            when {{ rounded('change_upper') }} < 0 then 'decaying'
            when {{ rounded('change_lower') }} > 0 then 'improving'
            else 'undecided'
        end as trend,
        min_reviews_to_rank,
        {{ as_of() }} as computed_at
    from measured
)

select * from final
