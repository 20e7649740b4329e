-- The rules that a candidate meets for being like an earlier one. Scored every night, for a pair may be found,
-- confirmed or kept apart long after both candidates came.

with

rules as (
    select * from {{ ref('int_quality__rules') }}
    where field = 'duplicate_evidence'
),

final as ({{ quality_hits(ref('int_quality__duplicate_texts'), 'rules') }}
)

select * from final
