-- The short keys that people could name before tonight's run: a decision or a report may bear one. Of the log as the
-- last night left it, since what tonight's run finds depends on the decisions.

{{ config(schema='scratch') }}

with

proposals_before_tonight as (
    {{ backlog_proposals_before_tonight() }}
),

final as (
    {{ short_keys('proposals_before_tonight') }}
)

select * from final
