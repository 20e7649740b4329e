-- What the page will show of sources and labels: a label counts for the candidate that it names.
with

labels as (
    select
        count(*) as in_all,
        count(*) filter (where candidates.candidate_id is null) as without_candidate
    from staging.stg_ingest_editor_labels as labels
    left join (select distinct candidate_id from staging.stg_ingest_candidates where not is_displaced) as candidates
        on labels.candidate_id = candidates.candidate_id
    where not labels.is_displaced
),

candidates as (
    select count(*) as in_all, count(distinct source_key) as sources
    from staging.stg_ingest_candidates where not is_displaced
)

select
    false as is_finding,
    labels.in_all || ' labels on ' || candidates.in_all || ' candidates of ' || candidates.sources || ' sources.' as says
from labels, candidates
union all
select
    true,
    without_candidate || ' of ' || in_all || ' labels name a candidate that did not come in ingest_candidates: they wait for it.'
from labels where without_candidate > 0
