-- What editors decided on a changed source in the weeks before and after each change, per metric. A candidate counts
-- once, by its latest label, in the window of that label.

with

policy as ({{ policy_periods(ref('experiments')) }}
),

changes as (
    select
        changes.tuning_change_id,
        changes.source_key,
        changes.applied_at,
        policy.hold_days
    from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }}) as changes
    inner join policy on {{ in_force('policy', 'changes.applied_at') }}
),

-- The change's own instant belongs to after.
labels as (
    select
        changes.tuning_change_id,
        labels.created_at >= changes.applied_at as is_after,
        labels.*
    from changes
    inner join {{ ref('ingest_editor_labels') }} as labels
        on
            changes.source_key = labels.source_key
            and labels.is_counted
            and labels.created_at >= changes.applied_at - to_days(changes.hold_days)
            and labels.created_at < changes.applied_at + to_days(changes.hold_days)
),

said as (
    select
        tuning_change_id,
        is_after,
        unnest({{ label_metric_values('labels') }}, recursive := true)
    from labels
),

final as (
    select
        tuning_change_id,
        metric_name,
        count(*) filter (where not is_after) as before_count,
        {{ exact_sum('value', 'not is_after') }}::double as before_total,
        count(*) filter (where is_after) as after_count,
        {{ exact_sum('value', 'is_after') }}::double as after_total
    from said
    where value is not null
    group by tuning_change_id, metric_name
)

select * from final
