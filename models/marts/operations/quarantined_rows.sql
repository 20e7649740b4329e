-- Every row that could not be used, with its reason. A log: a row that a later read of its file no longer finds bad
-- is released, never deleted; but rows of an erased person go.
-- The ledger comes first, so that every feed has been read.
-- depends_on: {{ ref('landing_files') }}

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='quarantine_key',
    full_refresh=false,
    post_hook=["{{ forget_erased_quarantine() }}", "{{ forget_earlier_texts() }}"]
) }}

with

tonight as (
    select
        *,
        md5(concat_ws('|', feed, source_file, row_number, reason_code, raw_row)) as row_key
    from {{ source('tonight', 'landing_quarantine') }}
),

quarantined_earlier as (
    {{ log_before_tonight(
        'select feed, source_file, row_number, reason_code, detail, raw_row, null::timestamptz as quarantined_at, '
        ~ 'null::timestamptz as released_at, about, happened_at, 0::integer as reader_version, row_key, row_key as quarantine_key from tonight'
    ) }}
),

-- Not the ledger's read_at: an earlier run at the same as_of read other files.
still_quarantined as (
    select quarantined_earlier.*
    from quarantined_earlier
    semi join {{ ref('landing_inventory') }} using (feed, source_file)
    where quarantined_earlier.released_at is null
),

released as (
    select still_quarantined.* replace ({{ as_of() }} as released_at)
    from still_quarantined
    anti join tonight on still_quarantined.row_key = tonight.row_key and tonight.is_of_tonights_read
),

newly_quarantined as (
    select
        tonight.feed,
        tonight.source_file,
        tonight.row_number,
        tonight.reason_code,
        tonight.detail,
        tonight.raw_row,
        {{ as_of() }} as quarantined_at,
        -- A stored row that lost tonight, of a file that no longer holds it: listed, but none of the file's rows.
        case
            when not tonight.is_of_tonights_read and files_read_tonight.feed is not null then {{ as_of() }}
        end as released_at,
        tonight.about,
        tonight.happened_at,
        coalesce(files_read_tonight.reader_version, 0)::integer as reader_version,
        tonight.row_key,
        md5(tonight.row_key || '|' || {{ run_number() }}) as quarantine_key
    from tonight
    left join {{ ref('landing_inventory') }} as files_read_tonight using (feed, source_file)
    anti join still_quarantined on tonight.row_key = still_quarantined.row_key
),

final as (
    select * from newly_quarantined
    union all by name
    select * from released
)

select * from final
