-- The models that were fitted, a week's once: what each was learnt from, how it did on the last of the decisions, which
-- it had not seen, and its weights. A log, for a model that ranked an inbox must not be a matter of fitting it again.

{{ config(materialized='incremental', full_refresh=false) }}

with

tonight as (
    select
        strftime(date_trunc('week', {{ as_of() }}), 'mv-%G-W%V') || '-' || feature_set as model_version,
        target,
        feature_set,
        {{ as_of() }} as trained_at,
        date_trunc('week', {{ as_of() }}) as trained_until,
        state,
        because,
        label_count,
        positive_count,
        holdout_from,
        holdout_count,
        holdout_positive_count,
        auc,
        auc_lower,
        auc_upper,
        rules_auc,
        lift,
        lift_lower,
        lift_upper,
        brier,
        usual_brier,
        calibration_error,
        calibration::json as calibration,
        threshold_costs::json as threshold_costs,
        holdout_bins,
        weights
    from {{ ref('int_scoring__fits') }}
),

logged as ({{ log_before_tonight('select * from tonight') }}
),

final as (
    select tonight.*
    from tonight
    anti join logged on tonight.model_version = logged.model_version and tonight.target = logged.target
)

select * from final
