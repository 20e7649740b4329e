-- A returned row is a ticket that waits for review although it could not be judged at all: nobody can review that.

select
    queue.run_id,
    queue.mission,
    queue.global_step,
    queue.ticket_key
from {{ ref('stage_b_need_review_queue') }} as queue
semi join {{ ref('stage_b_failure_malformed') }} as failures
    on
        queue.run_id = failures.run_id
        and queue.mission = failures.mission
        and queue.global_step = failures.global_step
        and queue.ticket_key = failures.ticket_key
