{# The rules on what a reflection proposes, as branches of a `case`. #}
{% macro reflection_rules() -%}
    {%- set operations = "nullif(proposal_text ->> '$.proposal.operations', '')" -%}
        when nullif(proposal_text ->> '$.mission', '') != {{ stage_b_mission() }}
            then {{ defect('mission_mismatch', 'the reflection names another mission than its folder') }}
        when operations is null and {{ operations }} is not null
            then {{ defect('wrong_type', 'reflection.proposal.operations') }}
        when len([o for o in operations if length(o.key) > 256]) > 0
            then {{ defect('id_too_long', 'reflection.proposal.operations.key') }}
        when len([o for o in operations if {{ is_no_text('o.key') }}]) > 0
            then {{ defect('wrong_type', 'reflection.proposal.operations.key') }}
        when len([o for o in operations if o.op is null or lower(trim(o.op)) not in ('upsert', 'merge', 'remove')]) > 0
            then {{ defect('unknown_value', 'reflection.proposal.operations.op') }}
        when len([
            m for m in from_json(
                case when operations is not null then {{ operations }} end, '[{"merged_from": "VARCHAR"}]'
            )
            if m.merged_from is not null and left(m.merged_from, 1) != '['
        ]) > 0 then {{ defect('wrong_type', 'reflection.proposal.operations.merged_from') }}
{%- endmacro %}
