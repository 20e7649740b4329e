-- What became of the rows of each file read tonight. Stands between the feeds and the ledger: nothing may count a feed
-- before it has been read.
{{ every_feed() }}

{{ config(schema='scratch') }}

with

final as (
    select
        feed,
        source_file,
        rows_in,
        kept,
        redelivered,
        ignored,
        quarantined,
        has_open_line
    from {{ source('tonight', 'landing_counts') }}
)

select * from final
