-- Candidates on which nobody decided yet: no source has a rate.
with

labels as (
    select coalesce(sum(kept), 0) as in_all from scratch.landing_counts where feed = 'ingest_editor_labels'
)

select
    true as is_finding,
    count(*) || ' candidates of ' || count(distinct source_key) || ' sources, and no label came: what a source is worth is '
    || 'told once editors'' decisions come in ingest_editor_labels.' as says
from staging.stg_ingest_candidates, labels
where labels.in_all = 0 and not is_displaced
having count(*) > 0
