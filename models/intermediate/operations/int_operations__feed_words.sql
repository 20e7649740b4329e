-- Until when each feed has spoken: its newest row, or what its newest file is about. A file that was read and holds no
-- row is a word too ("none happened"); one whose every row is bad is none. For verdicts and views, no period mart.

{{ config(materialized='view') }}

with

files as (
    select
        feed,
        -- A folder or name date=2026-02-12 speaks for that day, to its end; another file for when it was written.
        coalesce(
            {{ day_of_file('source_file') }}::timestamptz + to_days(1),
            modified_at
        ) as spoke_until
    from {{ ref('landing_files') }}
    where coalesce(status, 'read') = 'read' and (rows_in = 0 or kept + redelivered + ignored > 0)
),

newest_files as (
    select
        feed,
        max(spoke_until) as newest_file_until
    from files
    group by feed
),

final as (
    select
        newest.feed,
        newest.newest_row_at,
        newest_files.newest_file_until,
        greatest(newest.newest_row_at, newest_files.newest_file_until) as spoke_until
    from {{ ref('int_operations__newest_rows') }} as newest
    left join newest_files on newest.feed = newest_files.feed
)

select * from final
