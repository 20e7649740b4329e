-- The ledger: what each file of the landing folder held when it was last read. A log: a full refresh keeps it, and
-- a file that vanished keeps its line.
-- Counted when every feed has been read.
-- depends_on: {{ ref('landing_feeds_read') }}

{{ config(materialized='incremental', unique_key=['feed', 'source_file'], full_refresh=false) }}

with

inventory as (
    select * from {{ ref('landing_inventory') }}
),

counts as (
    select * from {{ source('tonight', 'landing_counts') }}
),

read_tonight as (
    select
        inventory.feed,
        inventory.source_file,
        inventory.size_bytes as size,
        inventory.modified_at,
        inventory.reader_version,
        coalesce(counts.rows_in, 0) as rows_in,
        coalesce(counts.kept, 0) as kept,
        coalesce(counts.redelivered, 0) as redelivered,
        coalesce(counts.ignored, 0) as ignored,
        coalesce(counts.quarantined, 0) as quarantined,
        coalesce(counts.has_open_line, false) as has_open_line,
        {{ as_of() }} as read_at
    from inventory
    left join counts
        on inventory.feed = counts.feed and inventory.source_file = counts.source_file
),

-- A stored row that lost to a better version tonight is quarantined now: its file has one kept row less.
displaced as (
    select
        feed,
        source_file,
        count(*) as displaced_count
    from {{ source('tonight', 'landing_quarantine') }}
    where not is_of_tonights_read
    group by feed, source_file
),

read_earlier as (
    {{ log_before_tonight('select * from read_tonight') }}
),

adjusted as (
    select
        read_earlier.* replace (
            read_earlier.kept - displaced.displaced_count as kept,
            read_earlier.quarantined + displaced.displaced_count as quarantined
        )
    from read_earlier
    inner join displaced
        on read_earlier.feed = displaced.feed and read_earlier.source_file = displaced.source_file
    anti join read_tonight
        on read_earlier.feed = read_tonight.feed and read_earlier.source_file = read_tonight.source_file
),

final as (
    select * from read_tonight
    union all
    select * from adjusted
)

select * from final
