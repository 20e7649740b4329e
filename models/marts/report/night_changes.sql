-- What last night did and found beside the night before it. A night that read no file read no row. Follows from the logs alone, not from an earlier report. What
-- no night before this one could say is null, not zero.

with

nights as (
    select
        run_id,
        as_of,
        lag(as_of) over (order by as_of) as as_of_before,
        coalesce(list_sum(map_values(from_json(rows_loaded, '"map(varchar,bigint)"'))), 0) as stored_count,
        coalesce(list_sum(map_values(from_json(rows_quarantined, '"map(varchar,bigint)"'))), 0)
            as quarantined_count
    from {{ ref('nightly_runs') }}
    where status in ('success', 'running')
),

last_two as (
    select
        *,
        as_of = max(as_of) over () as is_tonight
    from nights
    qualify row_number() over (order by as_of desc) <= 2
),

history as (
    select * from {{ ref('learning_backlog_history') }}
),

measured as (
    select
        nights.is_tonight,
        nights.as_of_before is not null as has_before,
        stored_count,
        quarantined_count,
        clusters.clusters_written,
        calibration.underperforming_count,
        bridge.candidates_written,
        (
            select count(*) from history
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
    from last_two as nights
    left join {{ ref('learning_issue_cluster_runs') }} as clusters on nights.run_id = clusters.run_id
    left join {{ ref('extraction_calibration_runs') }} as calibration on nights.run_id = calibration.run_id
    left join {{ ref('learning_backlog_bridge_runs') }} as bridge on nights.run_id = bridge.run_id
),

in_rows as (
    select
        is_tonight,
        unnest([
            {'measure_position': 1, 'measure': 'entries that joined the list', 'look_in': 'attention_log',
                'value': begun_count::bigint},
            {'measure_position': 2, 'measure': 'entries that left it', 'look_in': 'attention_log',
                'value': ended_count::bigint},
            {'measure_position': 3, 'measure': 'decisions of people on the backlog',
                'look_in': 'learning_backlog_history',
                'value': (case when has_before then decision_count end)::bigint},
            {'measure_position': 4, 'measure': 'labels by editors', 'look_in': 'ingest_editor_labels',
                'value': (case when has_before then label_count end)::bigint},
            {'measure_position': 5, 'measure': 'candidates written to the backlog',
                'look_in': 'learning_backlog_bridge_runs', 'value': candidates_written::bigint},
            {'measure_position': 6, 'measure': 'weekly clusters in the window',
                'look_in': 'learning_issue_cluster_runs', 'value': clusters_written::bigint},
            {'measure_position': 7, 'measure': 'calibration alerts of the latest week',
                'look_in': 'extraction_calibration_runs', 'value': underperforming_count::bigint},
            {'measure_position': 8, 'measure': 'rows read', 'look_in': 'nightly_runs', 'value': stored_count::bigint},
            {'measure_position': 9, 'measure': 'rows quarantined', 'look_in': 'nightly_runs',
                'value': quarantined_count::bigint}
        ], recursive := true)
    from measured
),

final as (
    select
        measure_position,
        measure,
        max(value) filter (where is_tonight) as value,
        max(value) filter (where not is_tonight) as value_before,
        (select max(as_of) from last_two where not is_tonight) as night_before,
        look_in,
        {{ as_of() }} as computed_at
    from in_rows
    group by measure_position, measure, look_in
)

select * from final
