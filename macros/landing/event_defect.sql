{# The reason rules of the feed `events`, first that applies: {reason_code, detail}, null for a good row. #}
{% macro event_defect() -%}
    case
        when event_id is null then {{ defect('missing_field', 'event_id') }}
        when event_type is null then {{ defect('missing_field', 'event_type') }}
        when nullif(timestamp_text, '') is null then {{ defect('missing_field', 'timestamp') }}
        when {{ is_no_text('event_id') }} then {{ defect('wrong_type', 'event_id') }}
        when {{ is_no_text('event_type') }} then {{ defect('wrong_type', 'event_type') }}
        when event_at is null then {{ defect('unreadable_instant', 'timestamp') }}
        when event_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'timestamp') }}
        when has_no_data and data_text is null then {{ defect('missing_field', 'data') }}
        when has_no_data then {{ defect('wrong_type', 'data is no object') }}
        when length(event_id) > 256 then {{ defect('id_too_long', 'event_id') }}
        when greatest(
            length(raw_user_id), length(cluster_signature), length(lineage_event_id),
            length(target_event_id), length(retracted_event_id)
        ) > 256 then {{ defect('id_too_long', 'an id in data') }}
        when event_type = 'learning.signal.logged' then
            case
                when signal_type is null then {{ defect('missing_field', 'data.signal_type') }}
                when {{ is_no_text('signal_type') }} then {{ defect('wrong_type', 'data.signal_type') }}
                when raw_user_id is null then {{ defect('missing_user', 'data.user_ref.pseudonymized_user_id') }}
                when {{ is_no_text('raw_user_id') }} then {{ defect('wrong_type', 'data.user_ref.pseudonymized_user_id') }}
                when nullif(captured_at_text, '') is not null and captured_at is null
                    then {{ defect('unreadable_instant', 'data.captured_at') }}
                when captured_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'data.captured_at') }}
                when captured_at - interval 1 day > event_at
                    then {{ defect('captured_after_timestamp', 'data.captured_at is more than a day after timestamp') }}
                when signal_type = 'save_claim_mismatch_attempt'
                    and mismatch_severity not in ('critical', 'warning', 'info', 'none')
                    then {{ defect('unknown_value', 'data.attributes.mismatch_severity') }}
            end
        when event_type = 'evidence.claim.logged' then
            case
                when claim_class is null then {{ defect('missing_field', 'data.claim_type') }}
                when {{ is_no_text('claim_class') }} then {{ defect('wrong_type', 'data.claim_type') }}
                when nullif(confidence_text, '') is null then {{ defect('missing_field', 'data.confidence') }}
                when confidence is null then {{ defect('wrong_type', 'data.confidence is no number') }}
                when not coalesce(confidence >= 0 and confidence <= 1, false)
                    then {{ defect('confidence_out_of_range', 'data.confidence is not within 0..1') }}
            end
        when event_type = 'set.corrected' then
            case
                when target_event_id is null then {{ defect('missing_field', 'data.target_event_id') }}
                when changed_fields_text is null then {{ defect('missing_field', 'data.changed_fields') }}
                when changed_fields is null then {{ defect('wrong_type', 'data.changed_fields is no object') }}
            end
        when event_type = 'event.retracted' and retracted_event_id is null
            then {{ defect('missing_field', 'data.retracted_event_id') }}
    end
{%- endmacro %}
