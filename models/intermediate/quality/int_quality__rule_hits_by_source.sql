-- What editors decided on the candidates that each rule met, per source, beside all that they decided of that source in
-- the window of rules.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('editorial_bars')) }}
),

decided as (
    select
        labels.candidate_id,
        labels.source_key,
        labels.is_promotion
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(policy.rule_window_days)
    where labels.is_counted and labels.action != 'needs_work'
),

sources as (
    select
        source_key,
        count(*) as decided_count,
        count_if(is_promotion)::bigint as promoted_count
    from decided
    group by source_key
),

hits as (
    select distinct
        candidate_id,
        rule_id
    from {{ ref('quality_rule_hits') }}
),

met as (
    select
        hits.rule_id,
        decided.source_key,
        count(*) as hit_count,
        count_if(decided.is_promotion)::bigint as hit_promoted_count
    from decided
    inner join hits on decided.candidate_id = hits.candidate_id
    group by hits.rule_id, decided.source_key
),

final as (
    select
        met.rule_id,
        met.source_key,
        met.hit_count,
        met.hit_promoted_count,
        sources.decided_count,
        sources.promoted_count
    from met
    inner join sources on met.source_key = sources.source_key
)

select * from final
