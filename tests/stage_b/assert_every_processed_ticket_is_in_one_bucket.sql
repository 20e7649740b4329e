-- A returned row is a run and mission of which a ticket vanished between the feeds and the buckets, or stands in two.
-- Processed are all selections, and the hard failures that have no selection at their step.

with

selected as (
    select
        run_id,
        mission,
        global_step,
        ticket_key
    from {{ ref('stg_stage_b_selections') }}
    where not is_displaced and row_at <= {{ as_of() }}
),

failed_alone as (
    select
        run_id,
        mission,
        global_step,
        ticket_key
    from {{ ref('stage_b_failure_malformed') }}
    anti join selected using (run_id, mission, global_step, ticket_key)
),

processed as (
    select
        processed.run_id,
        processed.mission,
        count(*) as ticket_count
    from (
        select * from selected
        union all
        select * from failed_alone
    ) as processed
    semi join {{ ref('int_stage_b__runs') }} as runs
        on processed.run_id = runs.run_id and processed.mission = runs.mission
    group by processed.run_id, processed.mission
),

routed as (
    select
        run_id,
        mission,
        count(*) as ticket_count
    from {{ ref('stage_b_ticket_outcomes') }}
    group by run_id, mission
),

counted as (
    select
        run_id,
        mission,
        sum(
            failure_malformed_count + need_review_count + reflection_malformed_count + low_agreement_count
            + selection_manual_review_count + none_count
        ) as ticket_count,
        sum(n) as metric_count
    from {{ ref('stage_b_metrics') }}
    group by run_id, mission
)

select
    run_id,
    mission,
    processed.ticket_count,
    routed.ticket_count as routed_count,
    counted.ticket_count as counted_count
from processed
full join routed using (run_id, mission)
full join counted using (run_id, mission)
where
    processed.ticket_count is distinct from routed.ticket_count
    or processed.ticket_count is distinct from counted.ticket_count
    or processed.ticket_count is distinct from counted.metric_count
