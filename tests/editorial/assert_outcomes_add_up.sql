-- A returned row is a group whose promoted, rejected and returned candidates are not all of its reviewed ones, or that
-- counts more candidates than labels.
select
    grain,
    source_key,
    strategy,
    window_days
from {{ ref('int_editorial__performance') }}
where
    promoted_count + rejected_count + needs_work_count is distinct from reviewed_count
    or reviewed_count > label_count
    or decided_count > candidate_count
