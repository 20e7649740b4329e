-- The weeks in which an approver dismissed or promoted what an alarm of a stream proposes, under either of its keys:
-- the alarm is answered, and from the week after the stream is watched anew. Read from the feed of decisions, not from
-- what the backlog made of them: the backlog depends on the alarms.

{{ config(schema='scratch') }}

with

streams as (
    select distinct
        claim_class,
        parser_version
    from {{ ref('int_calibration__horizon_bins') }}
),

sources as ({{ policy_in_force(ref('backlog_sources'), ['source_type']) }}
),

keyed as (
    select
        streams.claim_class,
        streams.parser_version,
        channels.channel,
        channels.status,
        streams.claim_class || ':' || streams.parser_version || ':' || channels.status as source_ref,
        {{ candidate_key('sources.key_prefix', 'source_ref') }} as candidate_key
    from streams
    cross join (values ('drift', 'drift_alert'), ('overconfident', 'underperforming')) as channels (channel, status)
    inner join sources on sources.source_type = 'extraction_calibration'
),

answers as (
    select distinct
        keyed.claim_class,
        keyed.parser_version,
        date_trunc('week', decisions.decided_at)::date as answered_in
    from {{ ref('stg_backlog_decisions') }} as decisions
    left join {{ ref('int_backlog__short_keys_before_tonight') }} as short_keys
        on lower(decisions.candidate_key) = short_keys.short_key
    inner join keyed on coalesce(short_keys.candidate_key, decisions.candidate_key) = keyed.candidate_key
    where
        not decisions.is_displaced
        and decisions.decided_at <= {{ as_of() }}
        and decisions.decision in ('dismiss', 'promote')
        and {{ may_decide("'approver'", 'decisions.actor', 'decisions.decided_at') }}
),

final as (
    select
        keyed.claim_class,
        keyed.parser_version,
        keyed.channel,
        keyed.status,
        keyed.candidate_key,
        answers.answered_in
    from keyed
    left join answers using (claim_class, parser_version)
)

select * from final
