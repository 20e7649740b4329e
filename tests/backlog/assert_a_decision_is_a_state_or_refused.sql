-- A returned row is a decision that is neither a state of its key nor listed as refused, or is both.
with

decisions as (
    select * from {{ ref('int_backlog__decisions') }}
),

told as (
    select decision_id from {{ ref('learning_backlog_history') }}
    where decision_id is not null
    union all
    select decision_id from {{ ref('rejected_decisions') }}
)

select
    decisions.decision_id,
    count(told.decision_id) as times_told
from decisions
left join told on decisions.decision_id = told.decision_id
group by decisions.decision_id
having count(told.decision_id) != 1
