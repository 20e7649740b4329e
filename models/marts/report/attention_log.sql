-- Since when each thing has wanted a person, and until when: a log, so that "since yesterday" follows from the nights
-- and not from an earlier report. A thing that asks again after a pause begins a new stay.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['kind', 'item_key', 'since'],
    full_refresh=false,
    pre_hook="{{ forget_stays_of_this_run() }}"
) }}

with

stays as (
    {{ log_before_tonight(
        'select kind, item_key, ' ~ as_of() ~ ' as since, null::timestamptz as ended_at, title, detail, item_count, '
        ~ 'urgency, opened_at from ' ~ ref('int_report__attention_tonight')
    ) }}
),

open_before as (
    select * from stays
    where ended_at is null
),

final as (
    select
        tonight.kind,
        tonight.item_key,
        coalesce(open_before.since, {{ as_of() }}) as since,
        null::timestamptz as ended_at,
        tonight.title,
        tonight.detail,
        tonight.item_count,
        tonight.urgency,
        tonight.opened_at
    from {{ ref('int_report__attention_tonight') }} as tonight
    left join open_before on tonight.kind = open_before.kind and tonight.item_key = open_before.item_key
    union all
    select open_before.* replace ({{ as_of() }} as ended_at)
    from open_before
    anti join {{ ref('int_report__attention_tonight') }} using (kind, item_key)
)

select * from final
