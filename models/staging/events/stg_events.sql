-- Every event that a model reads, typed, once per event_id, for ever. Bad rows go to quarantined_rows.
-- One wide table, not four: an event_id is unique over all types, and null columns cost next to nothing.

{{ config(materialized='landing_feed', feed='events', identity=['event_id'], instant='event_at') }}

with

raw_rows as (
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = 'events'
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "event_id": "VARCHAR", "event_type": "VARCHAR", "timestamp": "VARCHAR",
                "data": {{ event_data_shape() }}
            }')
        end as event
    from raw_rows
),

-- CSV and Parquet may carry `data` as a text that holds the object: to the shape above it looks like an empty one.
unwrapped as (
    select
        *,
        row_defect is null
        and coalesce(
            event.data.signal_type, event.data.claim_type, event.data.target_event_id, event.data.retracted_event_id
        ) is null as is_data_unread,
        case when is_data_unread then raw_row ->> '$.data' end as data_text,
        case
            when left(data_text, 1) = '{' and json_valid(data_text)
                then from_json(data_text, '{{ event_data_shape() }}')
            else event.data
        end as data
    from parsed
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(event.event_id, '') as event_id,
        nullif(event.event_type, '') as event_type,
        {{ instant('event.timestamp') }} as event_at,
        nullif(data.signal_type, '') as signal_type,
        nullif(data.category, '') as category,
        {{ instant('data.captured_at') }} as captured_at,
        nullif(data.user_ref.pseudonymized_user_id, '') as raw_user_id,
        nullif(data.signature.issue_type, '') as issue_type,
        nullif(data.signature.invariant_id, '') as invariant_id,
        nullif(data.signature.agent_version, '') as agent_version,
        nullif(data.signature.workflow_phase, '') as workflow_phase,
        nullif(data.signature.modality, '') as modality,
        nullif(data.signature.confidence_band, '') as confidence_band,
        nullif(data.cluster_signature, '') as cluster_signature,
        nullif(data.attributes.mismatch_severity, '') as mismatch_severity,
        nullif(data.claim_type, '') as claim_class,
        try_cast(data.confidence::varchar as double) as confidence,
        nullif(data.provenance.parser_version, '') as parser_version,
        nullif(data.lineage.event_id, '') as lineage_event_id,
        nullif(data.target_event_id, '') as target_event_id,
        case
            when left(data.changed_fields, 1) = '{' and json_valid(data.changed_fields)
                then list_sort(json_keys(data.changed_fields))
        end as changed_fields,
        nullif(data.retracted_event_id, '') as retracted_event_id,
        data_text,
        event.timestamp as timestamp_text,
        data.captured_at as captured_at_text,
        data.confidence::varchar as confidence_text,
        data.changed_fields as changed_fields_text,
        is_data_unread and not coalesce(left(data_text, 1) = '{' and json_valid(data_text), false) as has_no_data
    from unwrapped
),

judged as (
    select
        *,
        event_type not in (
            'learning.signal.logged', 'evidence.claim.logged', 'set.corrected', 'event.retracted'
        ) and not {{ is_no_text('event_type') }} as is_ignored,
        {{ event_defect() }} as defect
    from typed
),

final as (
    select
        source_file,
        coalesce(is_ignored, false) as is_ignored,
        coalesce(row_defect, case when not coalesce(is_ignored, false) then defect.reason_code end) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row,
        event_id,
        event_type,
        event_at,
        signal_type,
        category,
        captured_at,
        {{ pseudonym_unless_hashed('raw_user_id') }} as user_id,
        issue_type,
        invariant_id,
        agent_version,
        workflow_phase,
        modality,
        confidence_band,
        case
            when event_type = 'learning.signal.logged' then coalesce(
                cluster_signature,
                'ls_' || left(sha1(
                    signal_type || '|' || coalesce(issue_type, '') || '|' || coalesce(invariant_id, '') || '|'
                    || coalesce(workflow_phase, '')
                ), 20)
            )
        end as cluster_signature,
        mismatch_severity,
        claim_class,
        confidence,
        parser_version,
        lineage_event_id,
        target_event_id,
        changed_fields,
        retracted_event_id
    from judged
)

select * from final
