-- In how many candidates editors judged so: each two editors side by side, in the order of their names, and all of a
-- candidate together ('*'), in the order of what they said. The few ways to judge tell all that the measures of
-- agreement need, however many candidates there are.

{{ config(schema='scratch') }}

with

judgements as (
    select * from {{ ref('int_editorial__paired_judgements') }}
),

in_groups as (
    select
        scheme,
        '*' as editor_a,
        '*' as editor_b,
        list_sort(list(category)) as categories
    from judgements
    group by scheme, candidate_id
    union all
    select
        a.scheme,
        a.actor_user_id as editor_a,
        b.actor_user_id as editor_b,
        [a.category, b.category] as categories
    from judgements as a
    inner join judgements as b
        on
            a.scheme = b.scheme
            and a.candidate_id = b.candidate_id
            and a.actor_user_id < b.actor_user_id
            and abs(a.decided_us - b.decided_us) <= a.max_gap_us
),

final as (
    select
        scheme,
        editor_a,
        editor_b,
        categories,
        count(*) as candidate_count
    from in_groups
    group by scheme, editor_a, editor_b, categories
)

select * from final
