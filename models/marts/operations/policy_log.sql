-- Every policy row that any night saw, with the hash of what it said. A row is sealed once a run's as_of has reached
-- its effective_from: it then decided something. A night that finds a sealed row changed, gone or with a new row
-- before it stops (post-hook), because the past would silently be judged by other numbers.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['policy', 'row_key', 'effective_from', 'row_hash'],
    full_refresh=false,
    post_hook="{{ refuse_broken_seals() }}"
) }}

with

seed_rows as (
    select
        * exclude (experiment_id, rationale),
        lag(effective_from) over (partition by policy, row_key order by effective_from) as predecessor_from
    from {{ ref('int_policy__rows') }}
),

logged as (
    {{ log_before_tonight(
        'select *, null::timestamptz as sealed_at, 0::integer as loaded_in_run, false as is_gone from seed_rows'
    ) }}
),

present as (
    select
        seed_rows.policy,
        seed_rows.row_key,
        seed_rows.effective_from,
        seed_rows.row_hash,
        case when logged.sealed_at is null then seed_rows.predecessor_from else logged.predecessor_from end
            as predecessor_from,
        coalesce(
            logged.sealed_at,
            case when seed_rows.effective_from <= {{ as_of() }} then {{ as_of() }} end
        ) as sealed_at,
        -- The run in which the row came to say what it says: from its effective_from on, periods are computed again.
        case
            when logged.is_gone or logged.policy is null then {{ run_number() }} else logged.loaded_in_run
        end as loaded_in_run,
        false as is_gone
    from seed_rows
    left join logged using (policy, row_key, effective_from, row_hash)
),

gone as (
    select
        logged.* replace (
            case when logged.is_gone then logged.loaded_in_run else {{ run_number() }} end as loaded_in_run,
            true as is_gone
        )
    from logged
    anti join seed_rows using (policy, row_key, effective_from, row_hash)
),

final as (
    select * from present
    union all
    select * from gone
)

select * from final
