-- The claims of a period and stream by tenths of confidence: [0, .1) … [.9, 1]. What a reliability diagram draws.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__touched_periods')) }}"
) }}

with

samples as (
    select * from {{ ref('int_calibration__judged_claims') }}
    where excluded_because is null
),

final as (
    select
        period_granularity,
        period_starts_on,
        claim_class,
        parser_version,
        bin_index,
        count(*) as sample_count,
        count(*) filter (where is_correct) as correct_count,
        {{ exact_sum('confidence') }} as confidence_sum
    from samples
    group by period_granularity, period_starts_on, claim_class, parser_version, bin_index
)

select * from final
