-- Labels that could not be used, by the source of the candidate that they speak of as far as that can be read: a source
-- whose rejections come without a reason looks better than it is. An unreadable instant counts in every window.

{{ config(schema='scratch') }}

with

windows as ({{ performance_windows() }}
),

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

by_source as (
    select
        coalesce(candidates.source_key, 'unknown') as source_key,
        coalesce(candidates.strategy, 'unknown') as strategy,
        windows.window_days
    from {{ ref('quarantined_rows') }} as quarantined
    inner join windows on quarantined.happened_at is null or {{ in_window('quarantined.happened_at') }}
    left join candidates on quarantined.about = candidates.candidate_id
    where quarantined.feed = 'ingest_editor_labels' and quarantined.released_at is null
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
