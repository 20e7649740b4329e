-- What the nights said of each suggestion that one of them confirmed, and until which night: a log, for what spoke
-- for a change when somebody decided must not be a matter of computing it again. What a night says as the one before
-- is not written twice; a suggestion that was never confirmed is not kept.

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['suggestion_id', 'since'],
    full_refresh=false,
    pre_hook="{{ forget_stays_of_this_run() }}"
) }}

with

tonight as (
    select
        suggestion_id,
        source_key,
        kind,
        direction,
        value,
        verdict,
        to_json(suggestions) as evidence
    from (
        select * exclude (computed_at) from {{ ref('tuning_suggestions') }}
    ) as suggestions
),

said as (
    {{ log_before_tonight(
        'select suggestion_id, ' ~ as_of() ~ ' as since, null::timestamptz as ended_at, source_key, kind, direction, '
        ~ 'value, verdict, evidence from tonight'
    ) }}
),

said_last as (
    select * from said
    where ended_at is null
),

kept as (
    select * from tonight
    where verdict = 'confirmed' or suggestion_id in (select said.suggestion_id from said)
),

final as ({{ changed_stays('kept', 'said_last', 'suggestion_id', 'evidence') }}
)

select * from final
