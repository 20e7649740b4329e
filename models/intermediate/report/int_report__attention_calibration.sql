-- Alerts of the latest week on which nobody has decided. An alert that is in the backlog as a candidate is listed here
-- too: the backlog asks whether to act, the alert whom to believe until then.

with

alerts as (
    select * from {{ ref('extraction_underperforming_classes') }}
),

-- A class settled under either of its two statuses is settled.
settled as (
    select distinct proposals.subject_ref
    from {{ ref('learning_backlog_proposals') }} as proposals
    inner join {{ ref('learning_backlog_candidates') }} as candidates
        on proposals.candidate_key = candidates.candidate_key
    where candidates.source_type = 'extraction_calibration' and candidates.status != 'candidate'
),

final as (
    select
        'calibration_alert' as kind,
        -- A colon within the class is told apart, or two alerts could share a key.
        concat_ws(
            ':', replace(replace(alerts.claim_class, '\', '\\'), ':', '\:'), alerts.parser_version
        ) as item_key,
        concat_ws(' / ', alerts.claim_class, alerts.parser_version) as title,
        concat(
            case when alerts.status = 'drift_alert' then 'drifted' else 'underperforming' end,
            format(
                ' in {}: Brier score {:.3f} over {} {}',
                alerts.period_key,
                alerts.brier_score,
                alerts.sample_count,
                case when alerts.sample_count = 1 then 'claim' else 'claims' end
            ),
            coalesce(format(', right when sure {:.0f} %', 100 * alerts.precision_high_conf), ', never sure')
        ) as detail,
        1::bigint as item_count,
        alerts.brier_score::double as urgency,
        alerts.period_starts_on::timestamptz as opened_at
    from alerts
    anti join settled on to_json([alerts.claim_class, alerts.parser_version])::varchar = settled.subject_ref
)

select * from final
