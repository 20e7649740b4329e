-- A returned row is a state that does not begin where the one before ended, or a candidate whose last state is not
-- its own.
with

history as (
    select
        *,
        lag(status) over key_states as status_of_the_one_before,
        lag(left_at) over key_states as the_one_before_left_at
    from {{ ref('learning_backlog_history') }}
    window key_states as (partition by candidate_key order by state_number)
),

latest as (
    select * from history
    where left_at is null
)

select
    candidate_key,
    'gap' as defect
from history
where
    status_before is distinct from status_of_the_one_before
    or (state_number > 1 and entered_at is distinct from the_one_before_left_at)
union all
select
    candidates.candidate_key,
    'not the last state' as defect
from {{ ref('learning_backlog_candidates') }} as candidates
left join latest on candidates.candidate_key = latest.candidate_key
where
    candidates.status is distinct from latest.status
    or candidates.status_changed_at is distinct from latest.entered_at
