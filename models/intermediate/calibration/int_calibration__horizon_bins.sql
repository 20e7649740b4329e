-- The claims of a week and stream by tenths of confidence, as they stood a correction horizon after each claim. A week
-- that has not matured yet has rows too: who reads them asks whether it has.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__touched_periods'), ['period_starts_on']) }}"
) }}

with

samples as (
    select * from {{ ref('int_calibration__judged_claims') }}
    where period_granularity = 'week' and is_sample_in_time
),

final as (
    select
        period_starts_on,
        claim_class,
        parser_version,
        bin_index,
        count(*) as claim_count,
        count(*) filter (where is_right_in_time) as right_count,
        {{ exact_sum('confidence') }} as confidence_sum
    from samples
    group by period_starts_on, claim_class, parser_version, bin_index
)

select * from final
