-- What waits for an editor, in the order in which it is worth reading, and why: by the model's chance where one is
-- active, else by the rules. What rules or people hide stays hidden; nothing here promotes or hides.

{{ config(materialized='view') }}

with

policy as ({{ policy_in_force(ref('model_policy')) }}
),

latest as (
    select * from {{ ref('model_versions') }}
    where target = 'promoted'
    qualify row_number() over (order by trained_until desc) = 1
),

decided as (
    select candidate_id from {{ ref('ingest_editor_labels') }}
    where is_first_decision
),

labels as (
    select count(*) as label_count from decided
),

standing as (
    select
        scores.*,
        candidates.source_key,
        candidates.title,
        candidates.created_at,
        quality.total,
        quality.visibility,
        coalesce(latest.state = 'active' and latest.model_version = scores.model_version, false) as is_by_model,
        case
            when is_by_model then 'model'
            when labels.label_count < policy.min_labels then 'rules: under ' || policy.min_labels || ' decisions'
            when latest.model_version is null then 'rules: no model yet'
            else 'rules: the model is ' || latest.because
        end as ranked_by,
        if(is_by_model, scores.p_promoted, if(quality.visibility = 'shown', 1, 0) + quality.total) as standing
    from {{ ref('candidate_model_scores') }} as scores
    inner join {{ ref('idea_candidates') }} as candidates on scores.candidate_id = candidates.candidate_id
    inner join {{ ref('candidate_quality_scores') }} as quality on scores.candidate_id = quality.candidate_id
    cross join policy
    cross join labels
    left join latest on true
    where scores.candidate_id not in (select decided.candidate_id from decided) and quality.visibility != 'hidden'
),

final as (
    select
        row_number() over (order by standing desc, created_at asc, candidate_id asc) as shown_order,
        candidate_id,
        source_key,
        title,
        created_at,
        ranked_by,
        if(is_by_model, model_version, null) as model_version,
        if(is_by_model, p_promoted, null) as p_promoted,
        if(is_by_model, p_rewrite, null) as p_rewrite,
        if(is_by_model, p_duplicate, null) as p_duplicate,
        total,
        visibility,
        if(
            is_by_model,
            array_to_string([
                part.feature || coalesce(' ' || part.says, '') || format(' {:+.2f}', part.adds)
                for part in from_json(
                    contributions -> 'promoted', '[{"feature": "VARCHAR", "says": "VARCHAR", "adds": "DOUBLE"}]'
                )
            ], ', '),
            'quality ' || format('{:.2f}', total) || ', ' || visibility
        ) as reason
    from standing
)

select * from final
