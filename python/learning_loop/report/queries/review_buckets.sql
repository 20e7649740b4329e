-- Processed tickets by the first review bucket that applies.
select
    review_bucket,
    count(*) as ticket_count
from stage_b_ticket_outcomes
where review_bucket != 'none'
group by review_bucket
order by ticket_count desc, review_bucket
