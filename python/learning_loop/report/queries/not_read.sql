-- What lies in the landing folder and no night reads, as far as the ledger knows; one of an earlier edition has no status.
select
    source_file,
    reason,
    read_at as found_at
from (
    from landing_files
    union all by name
    select null::varchar as status, null::varchar as reason where false
)
where status = 'not_read'
order by source_file
