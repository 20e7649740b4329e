-- Why a source's candidates were rejected, per trailing window.

with

windows as ({{ performance_windows() }}
),

counted as (
    select
        windows.window_days,
        labels.source_key,
        labels.reject_reason_code,
        count(*) as rejected_count
    from {{ ref('ingest_editor_labels') }} as labels
    inner join windows on {{ in_window('labels.created_at') }}
    where labels.is_counted and labels.action = 'rejected'
    group by windows.window_days, labels.source_key, labels.reject_reason_code
),

totalled as (
    select
        *,
        sum(rejected_count) over (partition by window_days, source_key)::bigint as source_rejected_count
    from counted
),

final as (
    select
        window_days,
        source_key,
        reject_reason_code,
        rejected_count as count,
        source_rejected_count,
        {{ rate_with_bounds('rejected_count', 'source_rejected_count', 'share') }},
        {{ as_of() }} as computed_at
    from totalled
)

select * from final
