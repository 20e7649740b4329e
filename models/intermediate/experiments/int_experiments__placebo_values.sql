-- What each label says on the gate's metrics, by their own definitions, and from which look on. A label that a later
-- one replaces is taken back at the look that knows the later one. Waits and flags are left out: a median has no sums,
-- and flags are too rare.

{{ config(schema='scratch') }}

with

metrics as ({{ policy_in_force(ref('experiment_metrics'), ['metric_name']) }}
),

labels as (
    select * from {{ ref('int_experiments__placebo_labels') }}
),

said as (
    select
        label_id,
        source_key,
        created_at,
        first_look,
        until_look,
        unnest({{ label_metric_values('labels') }}, recursive := true)
    from labels
),

valued as (
    select
        said.*,
        metrics.kind,
        nullif(1 - avg(said.value) over (partition by said.source_key, said.metric_name), 0) as nought_share
    from said
    inner join metrics on said.metric_name = metrics.metric_name
    where said.value is not null
),

final as (
    select
        * exclude (first_look, until_look),
        first_look as look,
        1 as weight
    from valued
    union all
    select
        * exclude (first_look, until_look),
        until_look as look,
        -1 as weight
    from valued
    where until_look is not null
)

select * from final
