-- What each reflection proposed to change in the rules, and whether that was applied. One operation that cannot be
-- read spoils it: a part of a proposal was never meant. The first runner names its evidence within the proposal, and
-- there the tickets: their groups are the evidence.

with

typed as (
    {{ typed_rows() }}
),

-- The proposal as it was written: its operations are read as what they are, and their text tells an unreadable one.
proposed as (
    select
        *,
        case when row_defect is null then coalesce(reflection_text, raw_row ->> '$.reflection') end as sent_text,
        {{ object_text('sent_text') }} as proposal_text
    from typed
),

judged as (
    select
        * replace (
            {{ line_columns(also=reflection_rules()) }},
            coalesce(
                reflection_cycle, {{ whole_number("nullif(proposal_text ->> '$.reflection_cycle', '')") }}
            ) as reflection_cycle,
            list_distinct([
                coalesce({{ key_part('evidence', 1) }}, evidence)
                for evidence in coalesce(
                    evidence_group_ids, {{ json_list("(proposal_text ->> '$.proposal.evidence_group_ids')") }}, []
                )
            ]) as evidence_group_ids,
            coalesce([
                { 'op': lower(trim(o.op)), 'key': o.key, 'merged_from': o.merged_from } for o in operations
            ], []) as operations
        ),
        {{ stage_b_run_id() }} as run_id
    from proposed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
