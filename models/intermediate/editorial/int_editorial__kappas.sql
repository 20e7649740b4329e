-- What Cohen's kappa (1960) of each two editors is made of: on how many candidates they agree, and on what share they
-- would agree by chance.

{{ config(schema='scratch') }}

with

pairs as (
    select
        scheme,
        editor_a,
        editor_b,
        categories[1] as category_a,
        categories[2] as category_b,
        candidate_count
    from {{ ref('int_editorial__judgement_patterns') }}
    where editor_a != '*'
),

margins_a as (
    select
        scheme,
        editor_a,
        editor_b,
        category_a as category,
        sum(candidate_count) as margin_a
    from pairs
    group by all
),

margins_b as (
    select
        scheme,
        editor_a,
        editor_b,
        category_b as category,
        sum(candidate_count) as margin_b
    from pairs
    group by all
),

-- Chance agreement: the product of the two editors' shares, summed over the categories that both used.
chance as (
    select
        a.scheme,
        a.editor_a,
        a.editor_b,
        sum(a.margin_a * b.margin_b)::double as agreeing_products
    from margins_a as a
    inner join margins_b as b using (scheme, editor_a, editor_b, category)
    group by all
),

final as (
    select
        pairs.scheme,
        pairs.editor_a,
        pairs.editor_b,
        sum(pairs.candidate_count)::bigint as candidate_count,
        coalesce(
            sum(pairs.candidate_count) filter (where pairs.category_a = pairs.category_b), 0
        )::bigint as agreed_count,
        coalesce(any_value(chance.agreeing_products), 0) / (sum(pairs.candidate_count) ** 2) as chance_agreement
    from pairs
    left join chance using (scheme, editor_a, editor_b)
    group by pairs.scheme, pairs.editor_a, pairs.editor_b
)

select * from final
