-- What last night did and found beside the night before it. A night that read no file read no row. Follows from the
-- logs alone, not from an earlier report. What no night before this one could say is null, not zero.

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

measures as (
    select named.* from (
        values
        (1, 'entries that joined the list', 'attention_log'),
        (2, 'entries that left it', 'attention_log'),
        (3, 'decisions of people on the backlog', 'learning_backlog_history'),
        (4, 'labels by editors', 'ingest_editor_labels'),
        (5, 'candidates written to the backlog', 'learning_backlog_bridge_runs'),
        (6, 'weekly clusters in the window', 'learning_issue_cluster_runs'),
        (7, 'calibration alerts of the latest week', 'extraction_calibration_runs'),
        (8, 'rows read', 'nightly_runs'),
        (9, 'rows quarantined', 'nightly_runs')
    ) as named (measure_position, measure, look_in)
),

in_rows as (
    select
        measured.is_tonight,
        measures.*,
        (case measures.measure_position
            when 1 then measured.begun_count
            when 2 then measured.ended_count
            when 3 then case when measured.has_before then measured.decision_count end
            when 4 then case when measured.has_before then measured.label_count end
            when 5 then measured.candidates_written
            when 6 then measured.clusters_written
            when 7 then measured.underperforming_count
            when 8 then measured.stored_count
            when 9 then measured.quarantined_count
        end)::bigint as value
    from measured
    cross join measures
),

final as (
    select
        measure_position,
        measure,
        max(value) filter (where is_tonight) as value,
        max(value) filter (where not is_tonight) as value_before,
        (
            select max(as_of) from last_two
            where not is_tonight
        ) as night_before,
        look_in,
        {{ as_of() }} as computed_at
    from in_rows
    group by measure_position, measure, look_in
)

select * from final
