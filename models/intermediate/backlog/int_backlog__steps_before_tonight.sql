-- What tonight's run finds: the state of every key by what earlier runs proposed and people decided up to as_of.
-- The log is read as the last night left it; tonight's verdicts follow from this, and join the log only afterwards.

{{ config(schema='scratch') }}

with

proposals_before_tonight as (
    {{ backlog_proposals_before_tonight() }}
),

decisions as (
    select * from {{ ref('int_backlog__decisions') }}
),

transitions as (
    select * from {{ ref('backlog_transitions') }}
),

final as (
    {{ backlog_fold('proposals_before_tonight', 'decisions', 'transitions', as_of()) }}
)

select * from final
