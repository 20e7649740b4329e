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

versions as ({{ model_versions_before_tonight() }}
),

-- A week is learnt from once, whatever the nights.
due as (
    select policy.*
    from policy
    anti join versions
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

concerned as (
    select
        candidates.*,
        candidates.created_at::date - 1 as known_until,
        'all' as of_all_key,
        'source ' || candidates.source_key as of_source_key,
        'strategy ' || candidates.strategy as of_strategy_key,
        candidates.created_at > {{ as_of() }} - to_days(policy.scored_days) as is_scored,
        learnt.* exclude (candidate_id),
        learnt.candidate_id is not null as is_learnt_from,
        policy.* exclude (trained_until, max_learnt_from, training_days, scored_days)
    from candidates
    cross join policy
    left join learnt on candidates.candidate_id = learnt.candidate_id
    where is_scored or is_learnt_from
),

known as (
    select
        concerned.*,
        titles.title_words,
        text_scores.hits,
        coalesce(likeness.similarity, 0) as similarity,
        length(concerned.title) as title_length,
        length(coalesce(concerned.description, '')) as description_length,
        length(coalesce(concerned.raw_excerpt, '')) as excerpt_length,
        (coalesce(of_all.promoted_count, 0) + 1) / (coalesce(of_all.decided_count, 0) + 2) as usual_rate,
        {{ drawn_logit('of_source', 'concerned.prior_strength', 'usual_rate') }} as source_logit,
        {{ drawn_logit('of_strategy', 'concerned.prior_strength', 'usual_rate') }} as strategy_logit
    from concerned
    inner join {{ ref('int_duplicates__titles') }} as titles on concerned.candidate_id = titles.candidate_id
    inner join {{ ref('int_quality__text_scores') }} as text_scores
        on concerned.candidate_id = text_scores.candidate_id
    left join {{ ref('int_scoring__likeness') }} as likeness on concerned.candidate_id = likeness.candidate_id
    asof left join {{ ref('int_scoring__records') }} as of_all
        on concerned.of_all_key = of_all.record_key and concerned.known_until >= of_all.decided_on
    asof left join {{ ref('int_scoring__records') }} as of_source
        on concerned.of_source_key = of_source.record_key and concerned.known_until >= of_source.decided_on
    asof left join {{ ref('int_scoring__records') }} as of_strategy
        on concerned.of_strategy_key = of_strategy.record_key and concerned.known_until >= of_strategy.decided_on
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
