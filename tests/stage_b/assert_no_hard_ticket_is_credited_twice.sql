-- A returned row is a run and mission that credited more hard tickets than it has: windows must not overlap.

with

hard as (
    select
        run_id,
        mission,
        count(*) as ticket_count
    from {{ ref('stage_b_ticket_outcomes') }}
    where is_hard and label_match is not null
    group by run_id, mission
),

credited as (
    select
        run_id,
        mission,
        sum(hit_count + miss_count) as ticket_count
    from {{ ref('stage_b_feedback_credit') }}
    group by run_id, mission
)

select
    credited.run_id,
    credited.mission,
    credited.ticket_count
from credited
left join hard on credited.run_id = hard.run_id and credited.mission = hard.mission
where credited.ticket_count > coalesce(hard.ticket_count, 0)
