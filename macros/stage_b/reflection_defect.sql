{# What is read of a reflection. The operations are read as what they are; their text tells an unreadable one. #}
{% macro reflection_shape() -%}
    {
        "reflection_id": "VARCHAR", "mission": "VARCHAR", "applied": "VARCHAR", "eligible": "VARCHAR",
        "evidence_group_ids": "VARCHAR",
        "proposal": {
            "action": "VARCHAR",
            "operations": [{"op": "VARCHAR", "key": "VARCHAR", "merged_from": ["VARCHAR"]}]
        },
        "guidance_step_before": "VARCHAR", "guidance_step_after": "VARCHAR"
    }
{%- endmacro %}

{# The reason rules of a reflection. One operation that cannot be read spoils it: a part of a proposal was never meant. #}
{% macro reflection_defect() -%}
    case
        {{ stage_b_head_branches() }}
        {{ required('reflection', 'reflection_text', 'reflection') }}
        when {{ stage_b_mission() }} != nullif(reflection.mission, '')
            then {{ defect('mission_mismatch', 'the reflection names another mission than its folder') }}
        when reflection_id is null then {{ defect('missing_field', 'reflection.reflection_id') }}
        when {{ is_no_text('reflection_id') }} then {{ defect('wrong_type', 'reflection.reflection_id') }}
        when length(reflection_id) > 256 then {{ defect('id_too_long', 'reflection.reflection_id') }}
        {{ required('global_step', 'line.global_step', 'global_step') }}
        {{ required('reflection.applied', 'reflection.applied', 'is_applied') }}
        {{ optional('reflection.eligible', 'reflection.eligible', 'is_eligible') }}
        {{ optional('epoch', 'line.epoch', 'epoch') }}
        {{ optional('reflection.evidence_group_ids', 'reflection.evidence_group_ids', 'evidence_group_ids') }}
        {{ optional('reflection.guidance_step_before', 'reflection.guidance_step_before', 'guidance_step_before') }}
        {{ optional('reflection.guidance_step_after', 'reflection.guidance_step_after', 'guidance_step_after') }}
        {{ optional('reflection.proposal.operations', 'operations_text', 'operations') }}
        when len([o for o in operations if nullif(o.key, '') is null]) > 0
            then {{ defect('missing_field', 'reflection.proposal.operations.key') }}
        when len([o for o in operations if length(o.key) > 256]) > 0
            then {{ defect('id_too_long', 'reflection.proposal.operations.key') }}
        when len([o for o in operations if o.op is null or o.op not in ('upsert', 'merge', 'remove')]) > 0
            then {{ defect('unknown_value', 'reflection.proposal.operations.op') }}
        when len([
            m for m in from_json(
                case when operations is not null then operations_text end, '[{"merged_from": "VARCHAR"}]'
            )
            if m.merged_from is not null and left(m.merged_from, 1) != '['
        ]) > 0 then {{ defect('wrong_type', 'reflection.proposal.operations.merged_from') }}
    end
{%- endmacro %}
