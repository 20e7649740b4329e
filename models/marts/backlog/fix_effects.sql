-- Did the fix work? Of each promotion what became of the rate since, against what it was before: lowered, worse, or
-- not to be told yet. That it was seen again is a fact beside it and says little by itself.

with

watches as (
    select * from {{ ref('int_backlog__watches') }}
    where status = 'promoted'
),

issues as (
    select
        candidate_key,
        decided_at,
        any_value(issue_ref) as issue_ref,
        any_value(actor) as promoted_by
    from {{ ref('int_backlog__decisions') }}
    where decision = 'promote'
    group by candidate_key, decided_at
),

-- The ratio is a count over what was to be expected; its variance is that of the count, of the weeks' spread and of the
-- rate before, on the logarithm, where it is nearest to normal.
measured as (
    select
        weeks.*,
        baselines.gamma_shape / baselines.gamma_rate as rate_before,
        baselines.events_per_case,
        (weeks.cases_since + 0.5) / (weeks.exposure_since * rate_before + 0.5) as ratio,
        1.645 * sqrt(
            1 / (weeks.cases_since + 0.5)
            + baselines.overdispersion * weeks.squares_since / pow(weeks.exposure_since, 2)
            + 1 / baselines.gamma_shape
        ) as half_width
    from {{ ref('int_backlog__weeks_since') }} as weeks
    inner join {{ ref('int_backlog__rate_baselines') }} as baselines
        on weeks.candidate_key = baselines.candidate_key and weeks.settled_at = baselines.settled_at
),

effects as (
    select
        watches.candidate_key,
        watches.settled_at as promoted_at,
        issues.promoted_by,
        issues.issue_ref,
        case when watches.claim_class is null then 'issue_cluster' else 'extraction_calibration' end as source_type,
        watches.cluster_signature,
        watches.claim_class,
        {{ period_key("'week'", 'watches.settled_in') }} as promoted_in,
        coalesce(verdicts.effect, 'undecided') as effect,
        {{ period_key("'week'", 'measured.decided_in') }} as decided_in,
        {{ rounded('measured.rate_before', 6) }} as cases_per_week_before,
        {{ rounded('measured.ratio', 6) }} as rate_ratio,
        {{ rounded('measured.ratio * exp(-measured.half_width)', 6) }} as rate_ratio_lower,
        {{ rounded('measured.ratio * exp(measured.half_width)', 6) }} as rate_ratio_upper,
        {{ rounded('verdicts.evidence_lowered', 6) }} as evidence_lowered,
        {{ rounded('verdicts.evidence_worse', 6) }} as evidence_worse,
        coalesce(measured.weeks_watched, 0) as weeks_watched,
        coalesce(measured.weeks_seen_again, 0) as weeks_seen_again,
        coalesce(measured.cases_since, 0)::bigint as cases_since,
        coalesce(measured.events_since, 0)::bigint as events_since,
        case when verdicts.effect = 'lowered' then greatest(0, {{ rounded(
            'measured.exposure_since * measured.rate_before * measured.events_per_case - measured.events_since', 0
        ) }})::bigint end as events_avoided,
        {{ period_key("'week'", 'measured.returned_in') }} as returned_in,
        coalesce(verdicts.effect = 'worse' or measured.returned_in is not null, false) as is_regressed,
        case
            when is_regressed
                then (coalesce(measured.returned_in, measured.decided_in) + 7)::timestamptz
        end as regressed_at,
        watches.left_at is null as is_of_current_promotion,
        {{ period_key("'week'", 'measured.last_week') }} as last_period_key
    from watches
    left join issues
        on watches.candidate_key = issues.candidate_key and watches.settled_at = issues.decided_at
    left join measured
        on watches.candidate_key = measured.candidate_key and watches.settled_at = measured.settled_at
    left join {{ ref('int_backlog__rate_verdicts') }} as verdicts
        on watches.candidate_key = verdicts.candidate_key and watches.settled_at = verdicts.settled_at
),

final as (
    select
        *,
        {{ fix_in_words() }} as in_words
    from effects
)

select * from final
