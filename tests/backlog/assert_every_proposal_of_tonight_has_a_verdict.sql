-- A returned row is something that a source proposed tonight and that no verdict tells of, or the other way round.
with

clusters as (
    select count(*) as proposed from {{ ref('learning_issue_clusters') }}
    semi join {{ ref('int_backlog__weeks') }} using (period_starts_on)
    where period_granularity = 'week'
),

classes as (
    select count(*) as proposed from {{ ref('int_backlog__alerted_classes') }}
),

run as (
    select * from {{ ref('learning_backlog_bridge_runs') }}
    where run_id = {{ run_id() }} and status = 'success'
)

select
    run.run_id,
    run.total_cluster_rows,
    clusters.proposed as clusters,
    run.total_underperforming_rows,
    classes.proposed as classes
from run
cross join clusters
cross join classes
where run.total_cluster_rows != clusters.proposed or run.total_underperforming_rows != classes.proposed
