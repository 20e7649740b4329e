-- What last night did and found beside the night before it. A night that read no file read no row. Follows from the
-- logs alone, not from an earlier report. What no night before this one could say is null, not zero.

with

nights as (
    select
        run_id,
        as_of,
        as_of = max(as_of) over () as is_tonight,
        lag(as_of) over (order by as_of) as as_of_before,
        coalesce(list_sum(map_values(from_json(rows_loaded, '"map(varchar,bigint)"'))), 0) as stored_count,
        coalesce(list_sum(map_values(from_json(rows_quarantined, '"map(varchar,bigint)"'))), 0)
            as quarantined_count
    from {{ ref('nightly_runs') }}
    where status in ('success', 'running')
    qualify row_number() over (order by as_of desc) <= 2
),

measured as (
    select
        nights.is_tonight,
        nights.as_of_before is not null as has_before,
        nights.stored_count,
        nights.quarantined_count,
        clusters.clusters_written,
        calibration.underperforming_count,
        bridge.candidates_written,
        (
            select count(*) from {{ ref('learning_backlog_history') }} as history
            where
                history.entry_kind != 'run'
                and history.entered_at > nights.as_of_before
                and history.entered_at <= nights.as_of
        ) as decision_count,
        (
            select count(*) from {{ ref('ingest_editor_labels') }} as labels
            where
                not labels.is_machine
                and labels.created_at > nights.as_of_before
                and labels.created_at <= nights.as_of
        ) as label_count,
        (
            select count(*) from {{ ref('attention_log') }} as stays
            where stays.since = nights.as_of
        ) as begun_count,
        (
            select count(*) from {{ ref('attention_log') }} as stays
            where stays.ended_at = nights.as_of
        ) as ended_count
    from nights
    left join {{ ref('learning_issue_cluster_runs') }} as clusters on nights.run_id = clusters.run_id
    left join {{ ref('extraction_calibration_runs') }} as calibration on nights.run_id = calibration.run_id
    left join {{ ref('learning_backlog_bridge_runs') }} as bridge on nights.run_id = bridge.run_id
),

measures as (
    select
        is_tonight,
        unnest({{ night_measures() }}, recursive := true)
    from measured
),

final as (
    select
        measure_position,
        measure,
        (max(value) filter (where is_tonight))::bigint as value,
        (max(value) filter (where not is_tonight))::bigint as value_before,
        (
            select max(as_of) from nights
            where not is_tonight
        ) as night_before,
        look_in,
        {{ as_of() }} as computed_at
    from measures
    group by measure_position, measure, look_in
)

select * from final
