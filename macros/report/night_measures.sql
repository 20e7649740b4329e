{# What is counted of a night, in the report's order, each with the table that shows its rows: for `unnest`. #}
{% macro night_measures() -%}
    [
        {'measure_position': 1, 'measure': 'entries that joined the list', 'look_in': 'attention_log', 'value': begun_count},
        {'measure_position': 2, 'measure': 'entries that left it', 'look_in': 'attention_log', 'value': ended_count},
        {'measure_position': 3, 'measure': 'decisions of people on the backlog', 'look_in': 'learning_backlog_history',
            'value': case when has_before then decision_count end},
        {'measure_position': 4, 'measure': 'labels by editors', 'look_in': 'ingest_editor_labels',
            'value': case when has_before then label_count end},
        {'measure_position': 5, 'measure': 'candidates written to the backlog', 'look_in': 'learning_backlog_bridge_runs',
            'value': candidates_written},
        {'measure_position': 6, 'measure': 'weekly clusters in the window', 'look_in': 'learning_issue_cluster_runs',
            'value': clusters_written},
        {'measure_position': 7, 'measure': 'calibration alerts of the latest week',
            'look_in': 'extraction_calibration_runs', 'value': underperforming_count},
        {'measure_position': 8, 'measure': 'rows read', 'look_in': 'nightly_runs', 'value': stored_count},
        {'measure_position': 9, 'measure': 'rows quarantined', 'look_in': 'nightly_runs', 'value': quarantined_count}
    ]
{%- endmacro %}
