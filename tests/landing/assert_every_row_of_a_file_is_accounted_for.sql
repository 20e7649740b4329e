-- A returned row is a file that lost or made up rows: each is kept, redelivered, quarantined or ignored.
select
    feed,
    source_file,
    rows_in,
    kept,
    redelivered,
    ignored,
    quarantined
from {{ ref('landing_files') }}
where rows_in is distinct from kept + redelivered + ignored + quarantined
