-- Krippendorff's alpha (2011, nominal data) over each two editors, and over all ('*'): one less the disagreement found
-- over that expected. Undefined where all judgements are of one category: nothing could have disagreed.

{{ config(schema='scratch') }}

with

categories as (
    select
        scheme,
        editor_a,
        editor_b,
        categories,
        candidate_count,
        unnest(categories) as category
    from {{ ref('int_editorial__judgement_patterns') }}
),

per_category as (
    select
        scheme,
        editor_a,
        editor_b,
        categories,
        candidate_count,
        category,
        count(*) as category_count
    from categories
    group by all
),

per_pattern as (
    select
        scheme,
        editor_a,
        editor_b,
        candidate_count,
        sum(category_count) as judgement_count,
        {{ rounded('(sum(category_count) ** 2 - sum(category_count ** 2)) / (sum(category_count) - 1)', 12) }}
            as disagreement
    from per_category
    group by scheme, editor_a, editor_b, categories, candidate_count
),

-- A sum over candidates: as many times as there are of a pattern.
observed as (
    select
        scheme,
        editor_a,
        editor_b,
        sum(candidate_count)::bigint as candidate_count,
        sum(candidate_count * judgement_count)::double as judgement_count,
        {{ exact_sum('disagreement', times='candidate_count') }}::double as disagreement
    from per_pattern
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
            sum(candidate_count * category_count)::bigint as category_total
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
