-- How far editors agree in their judgement of the candidates that both decided, beyond what chance would give: Cohen's
-- kappa (1960) for each two of them, Krippendorff's alpha (nominal) for each two and for all. People are pseudonyms.

with

policy as ({{ policy_in_force(ref('reviewer_agreement_bars')) }}
),

final as (
    select
        alphas.scheme,
        alphas.editor_a,
        alphas.editor_b,
        alphas.candidate_count,
        kappas.agreed_count,
        {{ rate_with_bounds('kappas.agreed_count', 'kappas.candidate_count', 'agreement') }},
        kappas.chance_agreement,
        {{ rounded(
            '(kappas.agreed_count / kappas.candidate_count - kappas.chance_agreement)'
            ' / nullif(1 - kappas.chance_agreement, 0)'
        ) }} as cohens_kappa,
        alphas.krippendorffs_alpha,
        bounds.alpha_lower as krippendorffs_alpha_lower,
        bounds.alpha_upper as krippendorffs_alpha_upper,
        case
            when alphas.candidate_count < policy.min_shared_candidates then 'cannot_tell'
            when alphas.krippendorffs_alpha is null then 'undecided'
            else 'measured'
        end as verdict,
        {{ as_of() }} as computed_at
    from {{ ref('int_editorial__alphas') }} as alphas
    cross join policy
    left join {{ ref('int_editorial__kappas') }} as kappas using (scheme, editor_a, editor_b)
    left join {{ ref('int_editorial__agreement_bounds') }} as bounds using (scheme, editor_a, editor_b)
)

select * from final
