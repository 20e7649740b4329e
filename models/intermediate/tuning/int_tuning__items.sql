-- The things that a suggestion is learnt from, of the tuning window: decided candidates, edited titles, finished runs.
-- Each falls into one fifth by the hash of its id: four to learn from, one to check on. The same id always falls alike.

{{ config(schema='scratch') }}

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

decided as (
    select
        labels.candidate_id,
        labels.source_key,
        labels.is_promotion,
        labels.action,
        labels.final_title,
        candidates.title,
        candidates.selector,
        nullif(regexp_extract(candidates.source_url, '^[A-Za-z]+://[^/]+(/[^/?#]+/)', 1), '') as url_folder,
        scores.total
    from {{ ref('ingest_editor_labels') }} as labels
    inner join policy on labels.created_at > {{ as_of() }} - to_days(policy.tuning_window_days)
    inner join {{ ref('idea_candidates') }} as candidates on labels.candidate_id = candidates.candidate_id
    inner join {{ ref('candidate_quality_scores') }} as scores on labels.candidate_id = scores.candidate_id
    where labels.is_counted and labels.action != 'needs_work'
),

runs as (
    select known.*
    from ({{ known_rows(ref('stg_ingest_runs'), 'happened_at') }}) as known
    inner join policy on known.happened_at > {{ as_of() }} - to_days(policy.tuning_window_days)
    where known.status in ('success', 'partial')
    qualify row_number() over (
        partition by known.extraction_run_id order by known.happened_at desc, sha256(to_json(known)::varchar) desc
    ) = 1
),

items as (
    select
        'candidate' as item_type,
        candidate_id as item_id,
        source_key,
        is_promotion as is_success,
        url_folder,
        selector,
        total
    from decided
    union all by name
    select
        'edit' as item_type,
        candidate_id as item_id,
        source_key,
        true as is_success,
        [rule.value for rule in {{ text_rules('title') }} if rule.text = final_title] as fitting_rules
    from decided
    where action = 'promoted_after_edit' and final_title is not null and final_title != title
    union all by name
    select
        'run' as item_type,
        runs.extraction_run_id as item_id,
        runs.source_key,
        runs.extraction_run_id in (
            select run_id from {{ ref('idea_candidates') }}
            where run_id is not null
        ) as is_success
    from runs
),

final as (
    select
        *,
        md5_number_lower(item_id) % 5 = 0 as is_held_out
    from items
)

select * from final
