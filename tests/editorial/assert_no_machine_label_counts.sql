-- A returned row is a machine's label that a rate counts, or that ends a wait.
select id
from {{ ref('ingest_editor_labels') }}
where is_machine and (is_counted or is_first_decision)
