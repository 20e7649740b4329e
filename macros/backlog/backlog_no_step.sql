{# Before its first entry a key has no state. #}
{% macro backlog_no_step(entries) -%}
    select distinct
        candidate_key,
        0::bigint as entry_number,
        0::bigint as step_number,
        null::timestamptz as entered_at,
        null::varchar as entry_kind,
        null::varchar as entry_id,
        null::varchar as actor,
        null::varchar as status_before,
        null::varchar as rejected_because,
        null::varchar[] as missing_steps,
        null::varchar as reopened_because,
        null::varchar as status,
        null::timestamptz as status_changed_at,
        null::varchar as decided_by,
        null::timestamptz as approved_at,
        null::varchar as approved_by,
        null::timestamptz as reopened_at,
        0::bigint as reopened_count,
        null::timestamptz as dismissed_at,
        null::double as dismissed_priority_score,
        null::varchar as dismissed_priority,
        null::timestamptz as snoozed_until,
        {{ backlog_content_of('null', 'null') }} as content
    from {{ entries }}
{%- endmacro %}
