-- Of each promotion that still stands what became of the rate: first what got worse, then what was lowered.
select
    effect,
    is_regressed,
    in_words,
    candidate_key,
    cluster_signature,
    issue_ref,
    promoted_in,
    weeks_watched,
    rate_ratio,
    rate_ratio_lower,
    rate_ratio_upper,
    events_avoided
from fix_effects
where is_of_current_promotion
order by is_regressed desc, effect = 'lowered' desc, events_avoided desc nulls last, promoted_in desc, candidate_key
