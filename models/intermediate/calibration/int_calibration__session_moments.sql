-- What the design effect of sessions is made of: sums over the sessions of a week and stream, of their sizes and of how
-- far their claims came out from the stated confidence. A session of a claim each adds nothing to chance; one of ten
-- that fail together is one failure.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_calibration__touched_periods'), ['period_starts_on']) }}"
) }}

with

samples as (
    select
        *,
        is_right_in_time::integer - confidence as surprise
    from {{ ref('int_calibration__judged_claims') }}
    where period_granularity = 'week' and is_sample_in_time
),

sessions as (
    select
        period_starts_on,
        claim_class,
        parser_version,
        count(*) as claim_count,
        {{ exact_sum('surprise') }}::double as surprise,
        {{ exact_sum('surprise * surprise') }} as surprise_squares
    from samples
    group by period_starts_on, claim_class, parser_version, session_number
),

final as (
    select
        period_starts_on,
        claim_class,
        parser_version,
        sum(claim_count)::bigint as claim_count,
        sum(claim_count * claim_count)::bigint as size_squares,
        {{ exact_sum('surprise') }} as surprise_sum,
        sum(surprise_squares) as claim_surprise_squares,
        {{ exact_sum('surprise * surprise', digits=38) }} as session_surprise_squares,
        {{ exact_sum('claim_count * surprise', digits=38) }} as size_times_surprise
    from sessions
    group by period_starts_on, claim_class, parser_version
)

select * from final
