-- What the latest models say of each candidate that came of late, and the five features that weigh most in it. A sum
-- of products: weights are rows, and each score can be told apart into them. It promotes nothing and hides nothing.

with

policy as ({{ policy_in_force(ref('model_policy')) }}
),

versions as (
    select versions.*
    from {{ ref('model_versions') }} as versions
    inner join policy on versions.feature_set = policy.feature_set
    where versions.trained_until <= {{ as_of() }}
    qualify dense_rank() over (order by versions.trained_until desc) = 1
),

-- Each target's weights as a list, by their slots: one row, whether or not there is a model.
weights as (
    select
        any_value(model_version) as model_version,
        {{ slot_weights('promoted') }} as promoted,
        {{ slot_weights('rewrite') }} as rewrite,
        {{ slot_weights('duplicate') }} as duplicate
    from versions
),

parts as (
    select
        candidates.candidate_id,
        weights.model_version,
        {{ weighed_features('weights.promoted') }} as promoted,
        {{ weighed_features('weights.rewrite') }} as rewrite,
        {{ weighed_features('weights.duplicate') }} as duplicate
    from {{ ref('int_scoring__candidates') }} as candidates
    cross join weights
    where candidates.is_scored
),

final as (
    select
        candidate_id,
        {{ chance_of_parts('promoted') }} as p_promoted,
        {{ chance_of_parts('rewrite') }} as p_rewrite,
        {{ chance_of_parts('duplicate') }} as p_duplicate,
        model_version,
        to_json({
            'promoted': {{ heaviest_parts('promoted') }},
            'rewrite': {{ heaviest_parts('rewrite') }},
            'duplicate': {{ heaviest_parts('duplicate') }}
        }) as contributions,
        {{ as_of() }} as computed_at
    from parts
)

select * from final
