-- A returned row is a ticket of the queue that is not in the bucket need_review, or the other way round.

with

queue as (
    select
        run_id,
        mission,
        epoch,
        global_step,
        ticket_key
    from {{ ref('stage_b_need_review_queue') }}
),

bucket as (
    select
        run_id,
        mission,
        epoch,
        global_step,
        ticket_key
    from {{ ref('stage_b_ticket_outcomes') }}
    where review_bucket = 'need_review'
)

(
    select * from queue
    except
    select * from bucket
)
union all
(
    select * from bucket
    except
    select * from queue
)
