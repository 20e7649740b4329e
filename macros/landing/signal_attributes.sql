{#
  The beginning of a signal's attributes, for people to open an example: at most 1 KiB, without the person whose signal
  it is, the values of fields for persons, and addresses. Attributes that name such a field in another form are not kept.
#}
{% macro signal_attributes() -%}
    {%- set sent -%}
        coalesce(raw_row ->> '$.data.attributes', {{ object_text('data_text') }} ->> '$.attributes')
    {%- endset -%}
    case when row_defect is null and event_type = 'learning.signal.logged' then (
        [
            case when not {{ names_persons('masked') }} then {{ at_most_bytes(redacted(
                "case when strlen(user_id) >= 4 then replace(masked, user_id, '[user]')"
                ~ " else replace(masked, '\"' || user_id || '\"', '\"[user]\"') end", is_json=true
            ), 1024) }} end
            for masked in [nullif({{ masked_persons(object_text(sent)) }}, '{}')]
        ][1]
    ) end
{%- endmacro %}
