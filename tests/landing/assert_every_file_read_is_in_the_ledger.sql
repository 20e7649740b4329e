-- A returned row is a file that was to be read tonight and is not in the ledger, or in it without its rows counted,
-- were there none: a feed that was not read before the ledger was written.
select
    inventory.feed,
    inventory.source_file
from {{ ref('landing_inventory') }} as inventory
left join {{ ref('landing_files') }} as files
    on inventory.feed = files.feed and inventory.source_file = files.source_file
left join {{ source('tonight', 'landing_counts') }} as counts
    on inventory.feed = counts.feed and inventory.source_file = counts.source_file
where files.feed is null or (inventory.status != 'not_read' and counts.feed is null)
