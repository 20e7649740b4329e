-- What the page will show of judging runs.
select
    false as is_finding,
    count(*) || ' tickets judged in ' || count(distinct run_id) || ' runs; '
    || count(*) filter (where has_winner) || ' have a chosen answer, '
    || count(*) filter (where verdict is not null and label_match is null) || ' a verdict but no label_match.' as says
from staging.stg_stage_b_selections where not is_displaced
