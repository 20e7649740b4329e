-- What the page will show of experiments: an assignment counts for the experiment that it names.
with

assigned as (
    select
        count(*) as in_all,
        count(distinct assigned.experiment_id) as experiments,
        count(*) filter (where known.experiment_id is null) as without_experiment
    from staging.stg_ingest_experiment_assignments as assigned
    left join (select distinct experiment_id from staging.stg_ingest_experiments where not is_displaced) as known
        on assigned.experiment_id = known.experiment_id
    where not assigned.is_displaced
)

select false as is_finding, in_all || ' assignments to ' || experiments || ' experiments.' as says from assigned
union all
select true, without_experiment || ' of ' || in_all || ' assignments name an experiment that did not come in ingest_experiments.'
from assigned where without_experiment > 0
