-- What each editor decided in a trailing window: how many, how fast, and the share of each action. Ordered by pseudonym
-- alone: who decides more or otherwise may simply be given other candidates.

with

windows as ({{ performance_windows() }}
),

labels as (
    select
        labels.*,
        windows.window_days,
        case
            when labels.candidate_created_at is not null
                then greatest(0, epoch_us(labels.created_at) - epoch_us(labels.candidate_created_at))
        end as latency_us
    from {{ ref('ingest_editor_labels') }} as labels
    inner join windows on {{ in_window('labels.created_at') }}
    where not labels.is_machine
),

counted as (
    select
        window_days,
        actor_user_id,
        count(*) as label_count,
        count(distinct candidate_id) as candidate_count,
        count(distinct created_at::date) as active_days,
        count(*) filter (where action = 'promoted') as promoted_label_count,
        count(*) filter (where action = 'promoted_after_edit') as promoted_after_edit_label_count,
        count(*) filter (where action = 'rejected') as rejected_label_count,
        count(*) filter (where action = 'needs_work') as needs_work_label_count,
        quantile_disc(latency_us, 0.5) / 3.6e9 as median_latency_hours,
        quantile_disc(latency_us, 0.9) / 3.6e9 as p90_latency_hours
    from labels
    group by window_days, actor_user_id
),

final as (
    select
        window_days,
        actor_user_id,
        label_count,
        candidate_count,
        active_days,
        label_count / active_days as labels_per_active_day,
        promoted_label_count,
        {{ rate_with_bounds('promoted_label_count', 'label_count', 'promoted_share') }},
        promoted_after_edit_label_count,
        {{ rate_with_bounds('promoted_after_edit_label_count', 'label_count', 'promoted_after_edit_share') }},
        rejected_label_count,
        {{ rate_with_bounds('rejected_label_count', 'label_count', 'rejected_share') }},
        needs_work_label_count,
        {{ rate_with_bounds('needs_work_label_count', 'label_count', 'needs_work_share') }},
        median_latency_hours,
        p90_latency_hours,
        {{ as_of() }} as computed_at
    from counted
)

select * from final
