-- The things that a suggestion is learnt from, of the tuning window: decided candidates, edited titles, finished runs.
-- A fifth of a source's days, by hash, is held out to check on: what is decided on one day has its luck in common, so
-- a day that was learnt from cannot check. The same day of a source always falls alike.

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
        labels.created_at::date as happened_on,
        candidates.title,
        candidates.selector,
        nullif(regexp_extract(candidates.source_url, '^[A-Za-z]+://[^/]+(/[^/?#]+/)', 1), '') as url_folder,
        -- What a rule hides for good, no threshold shows.
        if(scores.is_hard_fail, null, scores.total) as total
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

brought as (
    select
        candidates.run_id,
        coalesce(bool_or(labels.is_promotion), false) as has_promoted
    from {{ ref('idea_candidates') }} as candidates
    left join {{ ref('ingest_editor_labels') }} as labels
        on candidates.candidate_id = labels.candidate_id and labels.is_counted
    where candidates.run_id is not null
    group by candidates.run_id
),

items as (
    select
        'candidate' as item_type,
        candidate_id as item_id,
        source_key,
        happened_on,
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
        happened_on,
        true as is_success,
        [rule.value for rule in {{ text_rules('title') }} if rule.text = final_title] as fitting_rules
    from decided
    where action = 'promoted_after_edit' and final_title is not null and final_title != title
    union all by name
    select
        'run' as item_type,
        runs.extraction_run_id as item_id,
        runs.source_key,
        runs.happened_at::date as happened_on,
        brought.run_id is not null as is_success,
        coalesce(brought.has_promoted, false) as has_promoted
    from runs
    left join brought on runs.extraction_run_id = brought.run_id
),

final as (
    select
        *,
        md5_number_lower(concat_ws('/', happened_on, source_key)) % 5 = 0 as is_held_out
    from items
)

select * from final
