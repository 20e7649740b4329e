-- All that wants a person tonight, a branch per kind. What a person has answered is not here: an approved or dismissed
-- class asks no more, nor does a paused source. A further kind is one more branch and its row in attention_kinds.

with

final as (
    select * from {{ ref('int_report__attention_backlog') }}
    union all
    select * from {{ ref('int_report__attention_calibration') }}
    union all
    select * from {{ ref('int_report__attention_experiments') }}
    union all
    select * from {{ ref('int_report__attention_sources') }}
    union all
    select * from {{ ref('int_report__attention_suggestions') }}
    union all
    select * from {{ ref('int_report__attention_editing') }}
    union all
    select * from {{ ref('int_report__attention_stage_b') }}
    union all
    select * from {{ ref('int_report__attention_feeds') }}
)

select * from final
