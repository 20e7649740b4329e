-- A returned row is a label that exists at as_of and is not in the mart, or is in it and does not exist.
with

staged as (
    select label_id from ({{ known_rows(ref('stg_ingest_editor_labels'), 'created_at') }})
)

select
    staged.label_id,
    marts.id
from staged
full join {{ ref('ingest_editor_labels') }} as marts on staged.label_id = marts.id
where staged.label_id is null or marts.id is null
