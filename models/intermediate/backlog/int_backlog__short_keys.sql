-- The short key of every key that a run proposed, also of those that never were in the backlog: people ask why.

with

proposals as (
    select * from {{ ref('learning_backlog_proposals') }}
),

final as (
    {{ short_keys('proposals') }}
)

select * from final
