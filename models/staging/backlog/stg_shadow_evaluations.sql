-- What shadow evaluations found on a candidate's fix or an experiment, once per evaluation_id, for ever.

{{ config(
    materialized='landing_feed', feed='shadow_evaluations', identity=['evaluation_id'], instant='evaluated_at'
) }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'shadow_evaluations'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "evaluation_id": "VARCHAR", "candidate_key": "VARCHAR", "experiment_id": "VARCHAR",
                "verdict": "VARCHAR", "evaluated_at": "VARCHAR", "metric_deltas": "VARCHAR"
            }')
        end as sent
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(sent.evaluation_id, '') as evaluation_id,
        nullif(sent.candidate_key, '') as candidate_key,
        nullif(sent.experiment_id, '') as experiment_id,
        nullif(sent.verdict, '') as verdict,
        {{ instant('sent.evaluated_at') }} as evaluated_at,
        nullif(sent.evaluated_at, '') as evaluated_at_text,
        {{ redacted("nullif(sent.metric_deltas, '')") }} as metric_deltas
    from parsed
),

judged as (
    select
        *,
        case
            when evaluation_id is null then {{ defect('missing_field', 'evaluation_id') }}
            when coalesce(candidate_key, experiment_id) is null
                then {{ defect('missing_field', 'candidate_key or experiment_id') }}
            when verdict is null then {{ defect('missing_field', 'verdict') }}
            when evaluated_at_text is null then {{ defect('missing_field', 'evaluated_at') }}
            when {{ is_no_text('evaluation_id') }} then {{ defect('wrong_type', 'evaluation_id') }}
            when {{ is_no_text('candidate_key') }} then {{ defect('wrong_type', 'candidate_key') }}
            when {{ is_no_text('experiment_id') }} then {{ defect('wrong_type', 'experiment_id') }}
            when length(evaluation_id) > 256 then {{ defect('id_too_long', 'evaluation_id') }}
            when length(experiment_id) > 256 then {{ defect('id_too_long', 'experiment_id') }}
            when length(candidate_key) > 1024 then {{ defect('id_too_long', 'candidate_key') }}
            when verdict not in ('pass', 'fail', 'insufficient_data') then {{ defect('unknown_value', 'verdict') }}
            when evaluated_at is null then {{ defect('unreadable_instant', 'evaluated_at') }}
            when evaluated_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'evaluated_at') }}
        end as defect
    from typed
),

final as (
    select
        source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        evaluation_id,
        candidate_key,
        experiment_id,
        verdict,
        evaluated_at,
        metric_deltas
    from judged
)

select * from final
