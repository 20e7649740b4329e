{# The reason rules that the lines of all Stage-B feeds share, as branches of a `case`; `judged` has the common names. #}
{% macro stage_b_head_branches() -%}
    when {{ stage_b_mission() }} != line_mission
        then {{ defect('mission_mismatch', 'the line names another mission than its folder') }}
    when row_at is null then {{ defect('unreadable_instant', 'timestamp') }}
    when row_at < timestamptz '2000-01-01' then {{ defect('instant_before_2000', 'timestamp') }}
{%- endmacro %}

{# A field that must be there, and must be what it should be: `text` as it came, `typed` as it was read. #}
{% macro required(name, text, typed) -%}
    when nullif({{ text }}, '') is null then {{ defect('missing_field', name) }}
    when {{ typed }} is null then {{ defect('wrong_type', name) }}
{%- endmacro %}

{# A field that may be left out, but must be what it should be when it is there. #}
{% macro optional(name, text, typed) -%}
    when nullif({{ text }}, '') is not null and {{ typed }} is null then {{ defect('wrong_type', name) }}
{%- endmacro %}

{# A ticket must be named, with a label of the two. #}
{% macro ticket_branches() -%}
    when ticket_key is null then {{ defect('missing_field', 'ticket_key') }}
    when {{ is_no_text('ticket_key') }} then {{ defect('wrong_type', 'ticket_key') }}
    when group_id is null then {{ defect('missing_field', 'group_id') }}
    when gt_label is null then {{ defect('missing_field', 'gt_label') }}
    when gt_label not in ('pass', 'fail') then {{ defect('unknown_value', 'gt_label') }}
    when greatest(length(ticket_key), length(group_id)) > 256 then {{ defect('id_too_long', 'ticket_key or group_id') }}
{%- endmacro %}
