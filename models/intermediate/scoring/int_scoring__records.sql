-- How often the candidates of each source, of each strategy and of all were promoted, up to and including each day:
-- running sums, so that a candidate can be told by what was known before its own day.

{{ config(materialized='view', schema='scratch') }}

with

decided as (
    select
        source_key,
        strategy,
        created_at::date as decided_on,
        count(*) as decided_count,
        count_if(is_promotion) as promoted_count
    from {{ ref('ingest_editor_labels') }}
    where not is_machine and is_first_decision
    group by all
),

in_records as (
    select
        unnest(['all', 'source ' || source_key, 'strategy ' || strategy]) as record_key,
        decided_on,
        decided_count,
        promoted_count
    from decided
),

days as (
    select
        record_key,
        decided_on,
        sum(decided_count)::bigint as decided_count,
        sum(promoted_count)::bigint as promoted_count
    from in_records
    group by record_key, decided_on
),

final as (
    select
        record_key,
        decided_on,
        sum(decided_count) over so_far as decided_count,
        sum(promoted_count) over so_far as promoted_count
    from days
    window so_far as (partition by record_key order by decided_on)
)

select * from final
