-- What the models know of each candidate that came of late or is learnt from tonight, and what editors made of it.
-- Nothing of a candidate is known from after its own day: not its source's record, and no idea that came later.

{{ config(schema='scratch') }}

with

policy as (
    select
        *,
        date_trunc('week', {{ as_of() }}) as trained_until
    from ({{ policy_in_force(ref('model_policy')) }})
),

-- A week is learnt from once, whatever the nights.
due as (
    select policy.*
    from policy
    anti join ({{ model_versions_before_tonight() }}) as versions
        on policy.trained_until = versions.trained_until and policy.feature_set = versions.feature_set
),

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

labels as (
    select * from {{ ref('ingest_editor_labels') }}
    where not is_machine
),

-- The last word on a candidate before the week began, of the latest decisions so many as are learnt from.
learnt as (
    select
        labels.candidate_id,
        labels.created_at as labelled_at,
        if(labels.action = 'needs_work', null, labels.is_promotion) as is_promoted,
        if(labels.action = 'rejected', null, labels.action != 'promoted') as is_rewritten,
        if(labels.action = 'needs_work', null, coalesce(
            labels.duplicate_confirmed, labels.reject_reason_code = 'duplicate_existing_idea', false
        )) as is_duplicate
    from labels
    inner join due
        on
            labels.created_at < due.trained_until
            and labels.created_at >= due.trained_until - to_days(due.training_days)
    qualify
        row_number() over (partition by labels.candidate_id order by labels.created_at desc, labels.id desc) = 1
        and row_number() over (order by labels.created_at desc, labels.id desc) <= due.max_learnt_from
),

decided as (
    select
        source_key,
        strategy,
        true as everything,
        created_at::date as decided_on,
        count(*) as decided_count,
        count_if(is_promotion) as promoted_count
    from labels
    where is_first_decision
    group by all
),

of_all as ({{ usual_record('decided', 'everything') }}
),

of_sources as ({{ usual_record('decided', 'source_key') }}
),

of_strategies as ({{ usual_record('decided', 'strategy') }}
),

concerned as (
    select
        candidates.*,
        candidates.created_at::date - 1 as known_until,
        true as everything,
        candidates.created_at > {{ as_of() }} - to_days(policy.scored_days) as is_scored,
        learnt.* exclude (candidate_id),
        learnt.candidate_id is not null as is_learnt_from,
        policy.* exclude (trained_until, max_learnt_from, training_days, scored_days)
    from candidates
    cross join policy
    left join learnt on candidates.candidate_id = learnt.candidate_id
    where is_scored or is_learnt_from
),

titles as (
    select
        candidate_id,
        created_at,
        title_key,
        title_words
    from {{ ref('int_duplicates__titles') }}
),

first_said as (
    select
        title_key,
        min(created_at) as said_at
    from titles
    group by title_key
),

pairs as (
    select
        title_key_a as title_key,
        title_key_b as other_key,
        similarity
    from {{ ref('int_duplicates__near_titles') }}
    union all
    select
        title_key_b as title_key,
        title_key_a as other_key,
        similarity
    from {{ ref('int_duplicates__near_titles') }}
    union all
    select
        title_key,
        title_key as other_key,
        1.0 as similarity
    from first_said
),

-- How like the likest idea that was known before it. What editors said of duplicates is no part of it: it is to be told.
nearest as (
    select
        titles.candidate_id,
        max(pairs.similarity) as similarity
    from titles
    inner join pairs on titles.title_key = pairs.title_key
    inner join first_said on pairs.other_key = first_said.title_key and titles.created_at > first_said.said_at
    group by titles.candidate_id
),

known as (
    select
        concerned.*,
        titles.title_words,
        text_scores.hits,
        coalesce(nearest.similarity, 0)::double as similarity,
        length(concerned.title) as title_length,
        length(coalesce(concerned.description, '')) as description_length,
        length(coalesce(concerned.raw_excerpt, '')) as excerpt_length,
        (coalesce(of_all.promoted_count, 0) + 1) / (coalesce(of_all.decided_count, 0) + 2) as usual_rate,
        {{ drawn_logit('of_sources', 'concerned.prior_strength', 'usual_rate') }} as source_logit,
        {{ drawn_logit('of_strategies', 'concerned.prior_strength', 'usual_rate') }} as strategy_logit
    from concerned
    inner join titles on concerned.candidate_id = titles.candidate_id
    inner join {{ ref('int_quality__text_scores') }} as text_scores
        on concerned.candidate_id = text_scores.candidate_id
    left join nearest on concerned.candidate_id = nearest.candidate_id
    asof left join of_all
        on concerned.everything = of_all.record_key and concerned.known_until >= of_all.decided_on
    asof left join of_sources
        on concerned.source_key = of_sources.record_key and concerned.known_until >= of_sources.decided_on
    asof left join of_strategies
        on concerned.strategy = of_strategies.record_key and concerned.known_until >= of_strategies.decided_on
),

final as (
    select
        candidate_id,
        source_key,
        is_scored,
        is_learnt_from,
        labelled_at,
        is_promoted,
        is_rewritten,
        is_duplicate,
        greatest(0, 1 - coalesce(list_sum([hit.penalty for hit in hits]), 0))::double as rules_total,
        similarity,
        {{ model_features('known') }} as features,
        min_labels,
        holdout_share::double as holdout_share,
        regularisation::double as regularisation,
        holdout_draws,
        min_of_each,
        feature_set
    from known
)

select * from final
