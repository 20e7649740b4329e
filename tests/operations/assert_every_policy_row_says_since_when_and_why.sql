-- A returned row is a number that decides without saying since when, or why.

select
    policy,
    row_key,
    effective_from,
    rationale
from {{ ref('int_policy__rows') }}
where effective_from is null or coalesce(trim(rationale), '') = ''
