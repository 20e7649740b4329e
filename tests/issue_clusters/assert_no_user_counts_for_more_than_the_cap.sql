-- A returned row is a cluster in which somebody counts for more events than the policy allows one person.
select *
from {{ ref('int_issue_clusters__buckets') }}
where event_count > unique_users * max_events_per_user_per_bucket
