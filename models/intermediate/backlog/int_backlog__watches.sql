-- Decisions after which the rate of a signature is watched: promotions (did the fix work?) and dismissals (has it
-- grown since?). Of the states as tonight's run finds them, so that the run can read what the watch found.

{{ config(schema='scratch') }}

with

steps as (
    select * from {{ ref('int_backlog__steps_before_tonight') }}
    where status is distinct from status_before
),

subjects as (
    select
        candidate_key,
        any_value(subject_ref ->> '$[0]') as cluster_signature
    from ({{ backlog_proposals_before_tonight() }})
    where source_type = 'issue_cluster'
    group by candidate_key
),

states as (
    select
        *,
        lead(entered_at) over (partition by candidate_key order by step_number) as left_at
    from steps
),

final as (
    select
        states.candidate_key,
        states.status,
        states.entered_at as settled_at,
        states.left_at,
        subjects.cluster_signature,
        date_trunc('week', states.entered_at)::date as settled_in
    from states
    inner join subjects on states.candidate_key = subjects.candidate_key
    where states.status in ('promoted', 'dismissed')
)

select * from final
