-- A returned row says that this warehouse was fed with two salts: one person then has two pseudonyms. Restore the salt
-- it was built with.
select count(*) as salt_count
from {{ ref('warehouse_identity') }}
having count(*) != 1
