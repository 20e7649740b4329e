-- How much more the claims of a class vary than as many independent ones, because those of a session fail together:
-- by moments, over what was known some weeks before a week. A few sessions can look independent by chance, so the
-- estimate leans on the worst case: as if there were some claims more, of which each session came out as one.

{{ config(schema='scratch') }}

with

watched as (
    select distinct
        claim_class,
        period_starts_on
    from {{ ref('int_calibration__watched_weeks') }}
),

weighed as (
    select
        weeks.*,
        weeks.size_squares / weeks.claim_count as worst_effect,
        coalesce(pooled.session_variance::double / nullif(pooled.claim_variance::double, 0), 1) as known_effect,
        pooled.claim_count as known_claim_count,
        pooled.prior_claim_count
    from {{ ref('int_calibration__session_moments') }} as weeks
    semi join watched using (claim_class, period_starts_on)
    left join {{ ref('int_calibration__pooled_moments') }} as pooled using (claim_class, period_starts_on)
),

final as (
    select
        claim_class,
        parser_version,
        period_starts_on,
        {{ rounded("greatest(1, case
            when known_claim_count is null then worst_effect
            else (known_effect * known_claim_count + worst_effect * prior_claim_count)
                / (known_claim_count + prior_claim_count)
        end)") }} as design_effect
    from weighed
)

select * from final
