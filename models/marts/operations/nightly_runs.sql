-- What every night did. A log; tonight's row is closed when the last node has ended (macro finish_run).
-- A second run at one as_of replaces the first: only one of them is history. Failed nights stay.

{{ config(
    materialized='incremental',
    full_refresh=false,
    pre_hook="{{ delete_rows_of_this_run(\"status in ('success', 'running')\") }}"
) }}

with

counts_by_feed as (
    select
        feed,
        sum(kept)::bigint as kept,
        sum(quarantined)::bigint as quarantined
    from {{ ref('landing_files') }}
    where read_at = {{ as_of() }}
    group by feed
),

tonight as (
    select
        {{ run_id() }} as run_id,
        'running' as status,
        {{ as_of() }} as as_of,
        coalesce(run.code_version(), 'dbt build')::varchar as code_version,
        {{ started_at() }} as started_at,
        null::timestamptz as finished_at,
        (
            select to_json(map(list(feed order by feed), list(kept order by feed))) from counts_by_feed
        ) as rows_loaded,
        (
            select to_json(map(list(feed order by feed), list(quarantined order by feed))) from counts_by_feed
        ) as rows_quarantined,
        null::integer as tests_passed,
        {{ run_number() }}::integer as run_number,
        {{ var('backlog_bridge_enabled') }} as is_bridge_enabled,
        null::varchar as error
),

runs_before as (
    {{ log_before_tonight('select * from tonight') }}
),

failed_nights as (
    {{ failed_nights() }}
),

newly_failed as (
    select failed_nights.*
    from failed_nights
    anti join runs_before using (run_id, started_at)
),

final as (
    select * from tonight
    union all
    select * from newly_failed
)

select * from final
