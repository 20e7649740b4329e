-- What the nights published of each experiment, and until which night: a log, for a gate rests on labels that come and
-- are corrected later, and what was shown when somebody decided must not be a matter of computing it again. What a
-- night says as the one before is not written twice.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['experiment_id', 'since'],
    full_refresh=false,
    pre_hook="{{ forget_stays_of_this_run() }}"
) }}

with

tonight as (
    select
        gates.experiment_id,
        gates.verdict,
        to_json(gates) as gate
    from (select * exclude (computed_at) from {{ ref('experiment_gates') }}) as gates
),

shown as (
    {{ log_before_tonight(
        'select experiment_id, ' ~ as_of() ~ ' as since, null::timestamptz as ended_at, verdict, gate from tonight'
    ) }}
),

shown_before as (
    select * from shown
    where ended_at is null
),

final as ({{ changed_stays('tonight', 'shown_before', 'experiment_id', 'gate') }}
)

select * from final
