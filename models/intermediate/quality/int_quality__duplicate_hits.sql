-- The rules that a candidate meets for being like an earlier one. Scored every night, for a pair may be found,
-- confirmed or kept apart long after both candidates came.

with

rules as (
    select * from {{ ref('int_quality__rules') }}
    where field = 'duplicate_evidence'
),

texts as (
    select * from {{ ref('int_quality__duplicate_texts') }}
),

final as ({{ quality_hits('texts', 'rules', rule_patterns(ref('int_quality__rules'))) }}
)

select * from final
