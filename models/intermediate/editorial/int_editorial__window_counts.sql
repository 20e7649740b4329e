-- What editors decided on the candidates of a source and strategy, per trailing window and grain. Counts, not rates:
-- they add up from the finest grain, so the labels are read once.

{{ config(schema='scratch') }}

with

windows as ({{ performance_windows() }}
),

labels as (
    select *
    from {{ ref('ingest_editor_labels') }}
    where
        not is_machine
        and created_at > {{ as_of() }} - to_days((select max(window_days) from windows))
),

counted as (
    select
        source_key,
        strategy,
        window_days,
        count(*) as label_count,
        count(*) filter (where is_counted) as reviewed_count,
        count(*) filter (where is_counted and is_promotion) as promoted_count,
        count(*) filter (where is_counted and action = 'rejected') as rejected_count,
        count(*) filter (where is_counted and action = 'needs_work') as needs_work_count,
        count(*) filter (where is_counted and duplicate_confirmed is not null) as duplicate_known_count,
        count(*) filter (where is_counted and duplicate_confirmed) as duplicate_confirmed_count,
        count(*) filter (where is_counted and rewrite_severity is not null) as severity_known_count,
        count(*) filter (where is_counted and rewrite_severity = 'heavy') as heavy_rewrite_count,
        count(*) filter (where is_counted and is_promotion and edit_distance is not null) as edited_count,
        {{ exact_sum('edit_distance', 'is_counted and is_promotion') }} as edit_distance_sum
    from labels
    inner join windows on {{ in_window('created_at') }}
    group by source_key, strategy, window_days
),

in_grains as (
    select
        * exclude (source_key, strategy),
        unnest({{ performance_grains() }}, recursive := true)
    from counted
),

final as (
    select
        grain,
        source_key,
        strategy,
        window_days,
        sum(label_count)::bigint as label_count,
        sum(reviewed_count)::bigint as reviewed_count,
        sum(promoted_count)::bigint as promoted_count,
        sum(rejected_count)::bigint as rejected_count,
        sum(needs_work_count)::bigint as needs_work_count,
        sum(duplicate_known_count)::bigint as duplicate_known_count,
        sum(duplicate_confirmed_count)::bigint as duplicate_confirmed_count,
        sum(severity_known_count)::bigint as severity_known_count,
        sum(heavy_rewrite_count)::bigint as heavy_rewrite_count,
        sum(edited_count)::bigint as edited_count,
        sum(edit_distance_sum) as edit_distance_sum
    from in_grains
    group by all
)

select * from final
