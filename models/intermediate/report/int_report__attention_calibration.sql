-- Standing drift alarms, and alerts of the latest week, on which nobody has decided. One that is in the backlog as a
-- candidate is listed here too: the backlog asks whether to act, the alarm whom to believe until then. Alerts without
-- an alarm are listed for as long as the policy asks for no evidence; after that they are noise.

with

policy as ({{ policy_in_force(ref('backlog_evidence')) }}
),

-- A class settled under either of its two statuses is settled.
settled as (
    select distinct proposals.subject_ref
    from {{ ref('learning_backlog_proposals') }} as proposals
    inner join {{ ref('learning_backlog_candidates') }} as candidates
        on proposals.candidate_key = candidates.candidate_key
    where candidates.source_type = 'extraction_calibration' and candidates.status != 'candidate'
),

alarms as (
    select * from {{ ref('extraction_drift_alarms') }}
    where evidence = 'alarm' and is_live
    -- Of two alarms of a stream the one that began first, then drift.
    qualify row_number() over (partition by claim_class, parser_version order by began_on, channel) = 1
),

alerts as (
    select alerts.*
    from {{ ref('extraction_underperforming_classes') }} as alerts
    inner join policy on not policy.require_evidence
    anti join alarms using (claim_class, parser_version)
),

asking as (
    select
        'drift_alarm' as kind,
        claim_class,
        parser_version,
        format(
            '{} since {}: {} of {} claims right, {:.0f} {}',
            case when channel = 'drift' then 'right less often' else 'right less often than it says' end,
            began_period_key,
            right_count_since,
            claim_count_since,
            expected_right_count_since,
            case when channel = 'drift' then 'expected' else 'promised' end
        ) as detail,
        log_statistic - log_bar as urgency,
        began_on as opened_on
    from alarms
    union all
    select
        'calibration_alert' as kind,
        claim_class,
        parser_version,
        concat(
            case when status = 'drift_alert' then 'drifted' else 'underperforming' end,
            format(
                ' in {}: Brier score {:.3f} ({:+.3f} beside what its confidences expect) over {} {}',
                period_key,
                brier_score,
                brier_excess,
                sample_count,
                case when sample_count = 1 then 'claim' else 'claims' end
            ),
            coalesce(format(', right when sure {:.0f} %', 100 * precision_high_conf), ', never sure'),
            case
                when evidence = 'within_chance' then '; its matured weeks are within chance'
                else '; no alarm can tell yet'
            end
        ) as detail,
        brier_score::double as urgency,
        period_starts_on as opened_on
    from alerts
),

final as (
    select
        asking.kind,
        -- A colon within the class is told apart, or two alerts could share a key.
        concat_ws(
            ':', replace(replace(asking.claim_class, '\', '\\'), ':', '\:'), asking.parser_version
        ) as item_key,
        concat_ws(' / ', asking.claim_class, asking.parser_version) as title,
        asking.detail,
        1::bigint as item_count,
        asking.urgency,
        asking.opened_on::timestamptz as opened_at
    from asking
    anti join settled on to_json([asking.claim_class, asking.parser_version])::varchar = settled.subject_ref
)

select * from final
