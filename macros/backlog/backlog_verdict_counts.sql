{# What the verdicts of a run add up to. Duplicates are proposals of a key that the run or a person had already. #}
{% macro backlog_verdict_counts(verdicts) -%}
    select
        run_id,
        count(*) filter (where source_type = 'issue_cluster') as total_cluster_rows,
        count(*) filter (where source_type = 'extraction_calibration') as total_underperforming_rows,
        count(*) as candidates_considered,
        count(*) filter (where verdict = 'written') as candidates_written,
        count(*) filter (where verdict = 'filtered_noise') as filtered_noise,
        count(*) filter (
            where verdict in ('duplicate_in_run', 'already_approved', 'already_promoted', 'still_dismissed')
        ) as duplicates_skipped,
        {
            'duplicate_in_run': count(*) filter (where verdict = 'duplicate_in_run'),
            'already_approved': count(*) filter (where verdict = 'already_approved'),
            'already_promoted': count(*) filter (where verdict = 'already_promoted'),
            'still_dismissed': count(*) filter (where verdict = 'still_dismissed'),
            'limited_by_source': count(*) filter (where verdict = 'limited_by_source'),
            'limited_by_run': count(*) filter (where verdict = 'limited_by_run')
        } as verdict_counts
    from {{ verdicts }}
    group by run_id
{%- endmacro %}
