-- How often a run is right on its hard tickets: what credit over them is to be held beside.

{{ config(schema='scratch') }}

with

outcomes as ({{ of_touched_runs(ref('stage_b_ticket_outcomes')) }}
),

final as (
    select
        run_id,
        mission,
        count(*) as run_hard_tickets,
        count(*) filter (where label_match) as run_hard_hits
    from outcomes
    where is_hard and label_match is not null
    group by run_id, mission
)

select * from final
