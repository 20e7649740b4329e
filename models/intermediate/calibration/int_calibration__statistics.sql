-- The Shiryaev-Roberts statistic of each stream, channel and week: M = (1 + M of the week before) * evidence, the mean
-- over the sizes of a drop. A false alarm at M >= c comes at most every c weeks on average. Unrolled, log M is the sum
-- of log evidence up to the week plus log sum exp(-(that sum before each week)), which window functions say. What lies
-- two blocks below is lost in a double.

{{ config(schema='scratch') }}

with

in_blocks as (
    select * from {{ ref('int_calibration__evidence_sums') }}
),

whole_blocks as (
    select
        channel,
        claim_class,
        parser_version,
        watched_from,
        drop_size,
        block + 1 as next_block,
        max(block_sum) as block_sum
    from in_blocks
    group by all
),

of_sizes as (
    select
        in_blocks.*,
        in_blocks.evidence_sum::double + 100 * in_blocks.block
        + ln(in_blocks.block_sum + coalesce(whole_blocks.block_sum * exp(-100), 0)) as log_statistic
    from in_blocks
    left join whole_blocks
        on
            in_blocks.channel = whole_blocks.channel
            and in_blocks.claim_class = whole_blocks.claim_class
            and in_blocks.parser_version = whole_blocks.parser_version
            and in_blocks.watched_from = whole_blocks.watched_from
            and in_blocks.drop_size = whole_blocks.drop_size
            and in_blocks.block = whole_blocks.next_block
),

best as (
    select
        *,
        max(log_statistic) over one_week as best_log_statistic,
        row_number() over (
            partition by channel, claim_class, parser_version, watched_from, period_starts_on
            order by {{ rounded('log_statistic', 6, 38) }} desc, drop_size asc
        ) as place
    from of_sizes
    window one_week as (partition by channel, claim_class, parser_version, watched_from, period_starts_on)
),

final as (
    select
        channel,
        claim_class,
        parser_version,
        watched_from,
        period_starts_on,
        any_value(baseline_claim_count) as baseline_claim_count,
        any_value(shift) as shift,
        any_value(shift_sd) as shift_sd,
        any_value(design_effect) as design_effect,
        any_value(expected_right_count)::double as expected_right_count,
        {{ rounded('any_value(best_log_statistic) + ln(avg(exp(log_statistic - best_log_statistic)))', 6, 38) }}
            as log_statistic,
        max(rises_from) filter (where place = 1) as rises_from
    from best
    group by channel, claim_class, parser_version, watched_from, period_starts_on
)

select * from final
