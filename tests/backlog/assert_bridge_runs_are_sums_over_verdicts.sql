-- A returned row is a run whose counts are not what its verdicts add up to, or a run of verdicts that is not listed.
with

runs as (
    select * from {{ ref('learning_backlog_bridge_runs') }}
),

counted as (
    {{ backlog_verdict_counts(ref('learning_backlog_verdicts')) }}
)

select
    coalesce(runs.run_id, counted.run_id) as run_id,
    runs.candidates_considered,
    counted.candidates_considered as verdict_count
from runs
full join counted on runs.run_id = counted.run_id
where
    runs.run_id is null
    or runs.total_cluster_rows is distinct from coalesce(counted.total_cluster_rows, 0)
    or runs.total_underperforming_rows is distinct from coalesce(counted.total_underperforming_rows, 0)
    or runs.candidates_considered is distinct from coalesce(counted.candidates_considered, 0)
    or runs.candidates_written is distinct from coalesce(counted.candidates_written, 0)
    or runs.filtered_noise is distinct from coalesce(counted.filtered_noise, 0)
    or runs.duplicates_skipped is distinct from coalesce(counted.duplicates_skipped, 0)
    or (runs.status = 'skipped' and runs.candidates_considered > 0)
