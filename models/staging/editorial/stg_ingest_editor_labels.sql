-- Every decision of an editor, once per id, for ever. A rejection without a reason of the taxonomy is no label.
-- depends_on: {{ ref('reject_reasons') }}

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            coalesce(defect, case
                when action = 'rejected' and reject_reason_code is null
                    then {{ defect('missing_reject_reason', 'reject_reason_code') }}
            end) as defect
        )
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
