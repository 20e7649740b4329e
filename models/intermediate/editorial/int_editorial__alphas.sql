-- Krippendorff's alpha (2011, nominal data) over each two editors, and over all ('*'): one less the disagreement found
-- over that expected. Undefined where all judgements are of one category: nothing could have disagreed.

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
        candidate_id,
        category
    from judgements
    union all
    select
        a.scheme,
        least(a.actor_user_id, b.actor_user_id) as editor_a,
        greatest(a.actor_user_id, b.actor_user_id) as editor_b,
        a.candidate_id,
        a.category
    from judgements as a
    inner join judgements as b
        on
            a.scheme = b.scheme
            and a.candidate_id = b.candidate_id
            and a.actor_user_id != b.actor_user_id
            and abs(a.decided_us - b.decided_us) <= a.max_gap_us
),

per_category as (
    select
        scheme,
        editor_a,
        editor_b,
        candidate_id,
        category,
        count(*) as category_count
    from in_groups
    group by all
),

per_candidate as (
    select
        scheme,
        editor_a,
        editor_b,
        candidate_id,
        sum(category_count) as judgement_count,
        {{ rounded('(sum(category_count) ** 2 - sum(category_count ** 2)) / (sum(category_count) - 1)', 12) }}
            as disagreement
    from per_category
    group by all
),

observed as (
    select
        scheme,
        editor_a,
        editor_b,
        count(*) as candidate_count,
        sum(judgement_count)::double as judgement_count,
        {{ exact_sum('disagreement') }}::double as disagreement
    from per_candidate
    group by all
),

expected as (
    select
        scheme,
        editor_a,
        editor_b,
        (sum(category_total) ** 2 - sum(category_total ** 2))::double as disagreeing_pairs
    from (
        select
            scheme,
            editor_a,
            editor_b,
            category,
            sum(category_count)::bigint as category_total
        from per_category
        group by all
    ) as category_totals
    group by all
),

final as (
    select
        observed.scheme,
        observed.editor_a,
        observed.editor_b,
        observed.candidate_count,
        {{ rounded(
            '1 - (observed.judgement_count - 1) * observed.disagreement / nullif(expected.disagreeing_pairs, 0)'
        ) }} as krippendorffs_alpha
    from observed
    inner join expected using (scheme, editor_a, editor_b)
)

select * from final
