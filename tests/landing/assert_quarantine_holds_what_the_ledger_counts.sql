-- A returned row is a file of which the ledger counts other quarantined rows than are listed.
with

listed as (
    select
        feed,
        source_file,
        count(*) as listed_count
    from {{ ref('quarantined_rows') }}
    where released_at is null
    group by feed, source_file
)

select
    files.feed,
    files.source_file,
    files.quarantined,
    listed.listed_count
from {{ ref('landing_files') }} as files
full join listed
    on files.feed = listed.feed and files.source_file = listed.source_file
where coalesce(files.quarantined, 0) is distinct from coalesce(listed.listed_count, 0)
