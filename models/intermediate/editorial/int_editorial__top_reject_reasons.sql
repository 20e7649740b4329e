-- The commonest reason for which a source's or a strategy's candidates were rejected, ties by name.

{{ config(schema='scratch') }}

with

windows as ({{ performance_windows() }}
),

rejections as (
    select
        windows.window_days,
        labels.reject_reason_code,
        unnest({{ performance_grains() }}, recursive := true)
    from {{ ref('ingest_editor_labels') }} as labels
    inner join windows on {{ in_window('labels.created_at') }}
    where labels.is_counted and labels.action = 'rejected'
),

counted as (
    select
        *,
        count(*) as reason_count
    from rejections
    group by all
),

final as (
    select
        grain,
        source_key,
        strategy,
        window_days,
        reject_reason_code as top_reject_reason,
        reason_count as top_reject_reason_count
    from counted
    qualify row_number() over (
        partition by grain, source_key, strategy, window_days order by reason_count desc, reject_reason_code asc
    ) = 1
)

select * from final
