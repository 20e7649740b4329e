-- The members of each family of rates, with what each counts up to as_of. No identities leave this room: the priors
-- are published without their members. A new family adds its lines here.

{{ config(materialized='view') }}

with

claim_correctness as (
    select
        'claim_correctness' as family,
        claim_class || '/' || parser_version as member,
        sum(correct_count)::bigint as successes,
        sum(sample_count)::bigint as trials
    from {{ ref('int_calibration__stream_counts') }}
    where period_granularity = 'day'
    group by claim_class, parser_version
),

-- A candidate counts once, by its latest label; a machine's labels count in no rate.
promotions as (
    select
        unnest({{ performance_grains() }}, recursive := true),
        is_promotion
    from {{ ref('ingest_editor_labels') }}
    where is_counted
),

promotion_rates as (
    select
        'promotion_by_' || grain as family,
        source_key || '/' || strategy as member,
        count(*) filter (where is_promotion) as successes,
        count(*) as trials
    from promotions
    group by grain, source_key, strategy
),

stage_b_rule_hits as (
    select
        'stage_b_rule_hits' as family,
        run_id || '/' || mission || '/' || rule_key as member,
        hit_count as successes,
        hit_count + miss_count as trials
    from {{ ref('stage_b_rule_credit') }}
),

final as (
    select * from claim_correctness
    where trials > 0
    union all
    select * from promotion_rates
    union all
    select * from stage_b_rule_hits
    where trials > 0
)

select * from final
