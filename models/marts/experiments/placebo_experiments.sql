-- Experiments without an effect, drawn from the labels that there are, and what the gate said of them. A log: a night
-- that brought labels adds its own, and what was drawn once is kept, so that a second run on a date adds nothing.

{{ config(materialized='incremental', full_refresh=false) }}

with

judged as (
    select
        {{ run_id() }} as run_id,
        {{ as_of() }} as drawn_at,
        inputs.placebo_id,
        inputs.metric_name,
        inputs.role,
        inputs.is_clustered,
        inputs.treatment_share,
        verdicts.control_count,
        verdicts.treatment_count,
        verdicts.pooled_value,
        verdicts.is_low_rate,
        verdicts.is_opened,
        verdicts.is_rejected,
        verdicts.is_planted_found,
        inputs.alpha
    from {{ ref('int_experiments__placebo_inputs') }} as inputs
    inner join {{ ref('int_experiments__placebo_verdicts') }} as verdicts using (placebo_id, metric_name)
),

logged as ({{ log_before_tonight('select * from judged') }}),

final as (
    select judged.*
    from judged
    anti join logged on judged.placebo_id = logged.placebo_id
)

select * from final
