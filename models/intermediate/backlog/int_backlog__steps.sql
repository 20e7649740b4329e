-- Every step of every key with tonight's run: the fold that all published tables of the backlog are read from.

with

proposals as (
    select * from {{ ref('learning_backlog_proposals') }}
),

decisions as (
    select * from {{ ref('int_backlog__decisions') }}
),

transitions as (
    select * from {{ ref('backlog_transitions') }}
),

final as (
    {{ backlog_fold('proposals', 'decisions', 'transitions', as_of()) }}
)

select * from final
