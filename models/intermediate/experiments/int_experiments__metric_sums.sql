-- What the reviewed candidates of an arm and source say on each metric, as sums: all that the statistics need. A
-- candidate that says nothing on a metric (no severity given) is not in it. Of the waits, those that are not over yet
-- count too: they are at least so long, and without them an arm whose hard cases wait would look fast.

with

flags as (
    {{ known_rows(ref('stg_quality_flags'), 'raised_at') }}
),

flagged as (
    select
        labels.experiment_id,
        labels.judged_at,
        labels.candidate_id,
        bool_or(flags.flag = 'safety') as has_safety_flag,
        bool_or(flags.flag = 'compliance_incident') as has_compliance_incident
    from {{ ref('int_experiments__latest_labels') }} as labels
    inner join flags
        on
            labels.candidate_id = flags.candidate_id
            and labels.assigned_at <= flags.raised_at
            and labels.judged_at >= flags.raised_at
    group by labels.experiment_id, labels.judged_at, labels.candidate_id
),

reviewed as (
    select
        labels.*,
        coalesce(flagged.has_safety_flag, false) as has_safety_flag,
        coalesce(flagged.has_compliance_incident, false) as has_compliance_incident
    from {{ ref('int_experiments__latest_labels') }} as labels
    left join flagged using (experiment_id, judged_at, candidate_id)
    where labels.is_reviewed
),

said as (
    select
        experiment_id,
        judged_at,
        arm,
        source_key,
        unnest(
            {{ label_metric_values('reviewed') }} || {{ outcome_metric_values('reviewed') }},
            recursive := true
        )
    from reviewed
),

-- Only a median needs the values themselves; the others are added up.
valued as (
    select
        *,
        false as is_open,
        metric_name = 'median_hours_to_decision' as is_median,
        case when not is_median then value end as summed
    from said
    where value is not null
    union all by name
    select
        experiment_id,
        judged_at,
        arm,
        source_key,
        'median_hours_to_decision' as metric_name,
        open_hours as value,
        true as is_open,
        true as is_median
    from {{ ref('int_experiments__open_waits') }}
),

final as (
    select
        experiment_id,
        judged_at,
        arm,
        source_key,
        metric_name,
        count(*) filter (where not is_open) as item_count,
        {{ exact_sum('summed') }}::double as total,
        {{ exact_sum('summed * summed') }}::double as total_of_squares,
        list(value order by value) filter (where is_median and not is_open) as sorted_values,
        list(value order by value) filter (where is_open) as open_values
    from valued
    group by experiment_id, judged_at, arm, source_key, metric_name
)

select * from final
