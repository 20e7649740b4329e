-- A returned row is a change deployed in full that was never judged, or a verdict on no such change.
with

changes as (
    select id from {{ ref('ingest_tuning_changes') }}
    where deployment_mode = 'full'
)

select
    changes.id,
    verdicts.tuning_change_id
from changes
full join {{ ref('tuning_change_verdicts') }} as verdicts on changes.id = verdicts.tuning_change_id
where changes.id is null or verdicts.tuning_change_id is null
