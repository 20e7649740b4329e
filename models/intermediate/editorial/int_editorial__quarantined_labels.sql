-- Labels that could not be used, by the source of the candidate that they speak of as far as that can be read: a source
-- whose rejections come without a reason looks better than it is. An unreadable instant counts in every window.

{{ config(schema='scratch') }}

with

windows as ({{ performance_windows() }}
),

quarantined as (
    select
        about as candidate_id,
        happened_at as created_at
    from {{ ref('quarantined_rows') }}
    where feed = 'ingest_editor_labels' and released_at is null
),

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

by_source as (
    select
        coalesce(candidates.source_key, 'unknown') as source_key,
        coalesce(candidates.strategy, 'unknown') as strategy,
        windows.window_days
    from quarantined
    inner join windows on quarantined.created_at is null or {{ in_window('quarantined.created_at') }}
    left join candidates on quarantined.candidate_id = candidates.candidate_id
),

in_grains as (
    select
        window_days,
        unnest({{ performance_grains() }}, recursive := true)
    from by_source
),

final as (
    select
        grain,
        source_key,
        strategy,
        window_days,
        count(*) as quarantined_labels
    from in_grains
    group by all
)

select * from final
