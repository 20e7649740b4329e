-- What came in from a source on a day, and what editors decided that day. A candidate counts on the day of its latest
-- label.

{{ config(
    materialized='incremental',
    pre_hook="{{ forget_touched(ref('int_editorial__touched_days'), ['period_starts_on']) }}"
) }}

with

touched as (
    select * from {{ ref('int_editorial__touched_days') }}
),

reviews as (
    select
        labels.created_at::date as period_starts_on,
        labels.source_key,
        count(*) filter (where not labels.is_machine) as label_count,
        count(*) filter (where labels.is_machine) as machine_label_count,
        count(*) filter (where labels.is_counted) as reviewed_count,
        count(*) filter (where labels.is_counted and labels.is_promotion) as promoted_count,
        count(*) filter (where labels.is_counted and labels.action = 'rejected') as rejected_count,
        count(*) filter (where labels.is_counted and labels.action = 'needs_work') as needs_work_count,
        count(distinct labels.actor_user_id) filter (where not labels.is_machine) as editor_count
    from {{ ref('ingest_editor_labels') }} as labels
    semi join touched on labels.created_at::date = touched.period_starts_on
    where labels.created_at >= {{ touched_from(ref('int_editorial__touched_days')) }}
    group by all
),

arrivals as (
    select
        candidates.created_at::date as period_starts_on,
        candidates.source_key,
        count(*) as candidate_count
    from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as candidates
    semi join touched on candidates.created_at::date = touched.period_starts_on
    where candidates.created_at >= {{ touched_from(ref('int_editorial__touched_days')) }}
    group by all
),

joined as (
    select * from arrivals
    full join reviews using (period_starts_on, source_key)
),

final as (
    select
        'day' as period_granularity,
        {{ period_key("'day'", 'period_starts_on') }} as period_key,
        period_starts_on,
        source_key,
        coalesce(candidate_count, 0) as candidate_count,
        coalesce(label_count, 0) as label_count,
        coalesce(reviewed_count, 0) as reviewed_count,
        coalesce(promoted_count, 0) as promoted_count,
        coalesce(rejected_count, 0) as rejected_count,
        coalesce(needs_work_count, 0) as needs_work_count,
        coalesce(machine_label_count, 0) as machine_label_count,
        coalesce(editor_count, 0) as editor_count,
        {{ rate_with_bounds('coalesce(promoted_count, 0)', 'coalesce(reviewed_count, 0)', 'promotion_rate') }},
        {{ as_of() }} as computed_at
    from joined
)

select * from final
