-- Labels of candidates that nobody delivered: none of them counts.
with

candidates as (
    select coalesce(sum(kept), 0) as in_all from scratch.landing_counts where feed = 'ingest_candidates'
)

select
    true as is_finding,
    count(*) || ' labels, and no candidate came: they wait for theirs in ingest_candidates.' as says
from staging.stg_ingest_editor_labels, candidates
where candidates.in_all = 0 and not is_displaced
having count(*) > 0
