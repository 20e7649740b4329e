-- What a period and stream (claim class and parser version) counts, claims that are no samples included.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__touched_periods')) }}"
) }}

with

claims as (
    select * from {{ ref('int_calibration__judged_claims') }}
),

final as (
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        count(*) as claim_count,
        count(*) filter (where excluded_because = 'retracted') as retracted_count,
        count(*) filter (where excluded_because = 'no_target') as no_target_count,
        count(*) filter (where excluded_because is null) as sample_count,
        count(*) filter (where excluded_because is null and is_correct) as correct_count,
        count(*) filter (where excluded_because is null and confidence_band = 'high') as high_count,
        count(*) filter (where excluded_because is null and confidence_band = 'high' and is_correct)
            as high_correct_count,
        count(*) filter (where excluded_because is null and confidence_band = 'medium') as medium_count,
        count(*) filter (where excluded_because is null and confidence_band = 'medium' and is_correct)
            as medium_correct_count,
        count(*) filter (where excluded_because is null and confidence_band = 'low') as low_count,
        count(*) filter (where excluded_because is null and confidence_band = 'low' and is_correct)
            as low_correct_count,
        count(*) filter (where excluded_because is null and is_matured) as matured_count,
        {{ exact_sum('confidence', 'excluded_because is null') }} as confidence_sum,
        {{ exact_sum('power(confidence - is_correct::integer, 2)', 'excluded_because is null') }}
            as squared_error_sum,
        {{ exact_sum('confidence * (1 - confidence)', 'excluded_because is null') }} as expected_squared_error_sum
    from claims
    group by period_granularity, period_starts_on, claim_class, parser_version
)

select * from final
