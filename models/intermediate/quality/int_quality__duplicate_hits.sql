-- The rules that a candidate meets for being like an earlier one. Scored every night, for a pair may be found,
-- confirmed or kept apart long after both candidates came.

with

rules as (
    select * from {{ ref('int_quality__rules') }}
    where field = 'duplicate_evidence'
),

texts as (
    select
        candidate_id,
        field_text as duplicate_evidence
    from {{ ref('int_quality__duplicate_texts') }}
    where field = 'duplicate_evidence'
),

final as ({{ quality_hits('texts', 'rules', ['duplicate_evidence'], known_rules(ref('int_quality__rules'))) }}
)

select * from final
