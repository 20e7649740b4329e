-- A returned row is a candidate with another number of counted labels than the one that rates may count.
select
    candidate_id,
    count(*) filter (where is_counted) as counted_labels
from {{ ref('ingest_editor_labels') }}
where not is_machine
group by candidate_id
having counted_labels != 1
