-- The ledger: what each file of the landing folder held when it was last read, and what lies there and is not read.
-- A log: a full refresh keeps it, and a file that vanished keeps its line. A line without a status was read.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['feed', 'source_file'],
    full_refresh=false,
    post_hook="update {{ this }} set status = 'read' where status is null"
) }}

with

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
        {{ as_of() }} as read_at,
        coalesce(inventory.status, 'read') as status,
        inventory.reason
    from {{ ref('landing_inventory') }} as inventory
    left join {{ ref('landing_outcomes') }} as counts using (feed, source_file)
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
    inner join displaced using (feed, source_file)
    anti join read_tonight using (feed, source_file)
),

final as (
    -- By name: a ledger of an earlier edition knows no status.
    select * from read_tonight
    union all by name
    select * from adjusted
)

select * from final
