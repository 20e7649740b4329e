-- What people, CI and shadow evaluations report on the manual steps of a candidate's checklist, up to as_of. The
-- human gate is not among them: it opens only by an approve.

with

updates as (
    select * from {{ ref('stg_checklist_updates') }}
    where not is_displaced and updated_at <= {{ as_of() }} and step_id = 'regression_test_implementation'
),

evaluations as (
    select * from {{ ref('stg_shadow_evaluations') }}
    where not is_displaced and evaluated_at <= {{ as_of() }} and candidate_key is not null
),

reported as (
    select
        candidate_key,
        step_id,
        updated_at as reported_at,
        sha256(to_json([update_id, status, actor, evidence, recorded_by])::varchar) as content_hash,
        status = 'completed' as is_completed,
        actor as reported_by,
        evidence
    from updates
    union all
    select
        candidate_key,
        'shadow_re_evaluation' as step_id,
        evaluated_at as reported_at,
        sha256(to_json([evaluation_id, experiment_id, verdict, metric_deltas])::varchar) as content_hash,
        verdict = 'pass' as is_completed,
        'shadow evaluation ' || evaluation_id as reported_by,
        verdict || coalesce(': ' || metric_deltas, '') as evidence
    from evaluations
),

final as (
    select reported.* replace (coalesce(short_keys.candidate_key, reported.candidate_key) as candidate_key)
    from reported
    left join {{ ref('int_backlog__short_keys_before_tonight') }} as short_keys
        on lower(reported.candidate_key) = short_keys.short_key
)

select * from final
