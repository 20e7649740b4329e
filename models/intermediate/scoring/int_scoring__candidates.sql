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

candidates as not materialized ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

labels as (
    select * from {{ ref('ingest_editor_labels') }}
    where not is_machine
),

-- The latest decisions before the week began, so many as are learnt from.
latest as (
    select labels.*
    from labels
    inner join due
        on
            labels.created_at < due.trained_until
            and labels.created_at >= due.trained_until - to_days(due.training_days)
    qualify row_number() over (order by labels.created_at desc, labels.id desc) <= due.max_learnt_from
),

-- The last word on a candidate is among the latest where any word on it is.
learnt as (
    select
        candidate_id,
        created_at as labelled_at,
        if(action = 'needs_work', null, is_promotion) as is_promoted,
        if(action = 'rejected', null, action != 'promoted') as is_rewritten,
        if(action = 'needs_work', null, coalesce(
            duplicate_confirmed, reject_reason_code = 'duplicate_existing_idea', false
        )) as is_duplicate
    from latest
    qualify row_number() over (partition by candidate_id order by created_at desc, id desc) = 1
),

-- The texts themselves are known to no model: no join carries them.
concerned as (
    select
        candidates.candidate_id,
        candidates.source_key,
        candidates.strategy,
        candidates.parser_confidence,
        candidates.created_at,
        candidates.created_at::date - 1 as known_until,
        length(candidates.title) as title_length,
        length(coalesce(candidates.description, '')) as description_length,
        length(coalesce(candidates.raw_excerpt, '')) as excerpt_length,
        candidates.created_at > {{ as_of() }} - to_days(policy.scored_days) as is_scored,
        learnt.* exclude (candidate_id),
        learnt.candidate_id is not null as is_learnt_from,
        policy.* exclude (trained_until, max_learnt_from, training_days, scored_days, prior_strength)
    from candidates
    cross join policy
    left join learnt on candidates.candidate_id = learnt.candidate_id
    where is_scored or is_learnt_from
),

-- What was known by a day of a source and a strategy: asked once, however many candidates they brought on the next.
days as (
    select distinct
        known_until,
        source_key,
        strategy,
        'all' as of_all_key,
        'source ' || source_key as of_source_key,
        'strategy ' || strategy as of_strategy_key
    from concerned
),

records as (
    select * from {{ ref('int_scoring__records') }}
),

rates as (
    select
        days.known_until,
        days.source_key,
        days.strategy,
        (coalesce(of_all.promoted_count, 0) + 1) / (coalesce(of_all.decided_count, 0) + 2) as usual_rate,
        {{ drawn_logit('of_source', 'policy.prior_strength', 'usual_rate') }} as source_logit,
        {{ drawn_logit('of_strategy', 'policy.prior_strength', 'usual_rate') }} as strategy_logit
    from days
    cross join policy
    asof left join records as of_all
        on days.of_all_key = of_all.record_key and days.known_until >= of_all.decided_on
    asof left join records as of_source
        on days.of_source_key = of_source.record_key and days.known_until >= of_source.decided_on
    asof left join records as of_strategy
        on days.of_strategy_key = of_strategy.record_key and days.known_until >= of_strategy.decided_on
),

known as (
    select
        concerned.*,
        titles.title_words,
        text_scores.hits,
        coalesce(likeness.similarity, 0) as similarity,
        rates.source_logit,
        rates.strategy_logit
    from concerned
    inner join rates
        on
            concerned.known_until = rates.known_until
            and concerned.source_key = rates.source_key
            and concerned.strategy = rates.strategy
    inner join {{ ref('int_duplicates__titles') }} as titles on concerned.candidate_id = titles.candidate_id
    inner join {{ ref('int_quality__text_scores') }} as text_scores
        on concerned.candidate_id = text_scores.candidate_id
    left join {{ ref('int_scoring__likeness') }} as likeness on concerned.candidate_id = likeness.candidate_id
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
