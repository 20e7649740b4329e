-- What is wrong with how candidates are judged: rules that hide or cost what editors promote, and promotions that no
-- person can have read. Machines' promotions of the window of trends are a line per source.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

rules as (
    select
        if(verdict = 'hides_promoted', 'hard_fail_hides', 'rule_worse_than_chance') as kind,
        rule_id as item_key,
        rule_id as title,
        format(
            'editors promoted {} of the {} that it met in {} days; of others of the same sources {:.0f} %',
            hit_promoted_count,
            hit_count,
            window_days,
            100 * usual_promotion_rate
        ) as detail,
        1::bigint as item_count,
        hit_promoted_count::double as urgency,
        null::timestamptz as opened_at
    from {{ ref('rule_performance') }}
    where verdict in ('hides_promoted', 'worse_than_chance')
),

machines as (
    select
        'machine_promotion' as kind,
        promotions.source_key as item_key,
        promotions.source_key as title,
        format(
            '{} by a machine, {} within a second of the candidate; parser confidence {}',
            count(*) filter (where promotions.is_machine),
            count(*) filter (where not promotions.is_machine),
            coalesce(
                case
                    when min(promotions.parser_confidence) < max(promotions.parser_confidence)
                        then format('{:.2f} to ', min(promotions.parser_confidence))
                    else ''
                end || format('{:.2f}', max(promotions.parser_confidence)),
                'not known'
            )
        ) as detail,
        count(*) as item_count,
        count(*)::double as urgency,
        min(promotions.created_at) as opened_at
    from {{ ref('machine_promotions') }} as promotions
    inner join policy on promotions.created_at > {{ as_of() }} - to_days(policy.trend_days)
    where promotions.is_promotion
    group by promotions.source_key
),

final as (
    select * from rules
    union all
    select * from machines
)

select * from final
