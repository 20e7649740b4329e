-- The signals of the touched periods, counted once per day and once per week by signature and kind: what a kind weighs
-- is the same for all its signals, so no signal is written. Lives for one night: the next one's touched periods are
-- others.

{{ config(schema='scratch') }}

with

kinds as (
    select * from {{ ref('int_issue_clusters__weighed_kinds') }}
),

signals as not materialized (
    select * from {{ ref('stg_events__signals') }}
    where captured_at >= {{ touched_from(ref('int_issue_clusters__touched_periods')) }}
),

-- The one sort of the night's signals moves numbers where a signal has texts: a quarter of the memory and the disk.
users as materialized (
    select
        user_id,
        row_number() over ()::integer as user_number
    from signals
    group by user_id
),

signatures as materialized (
    select
        cluster_signature,
        row_number() over ()::integer as signature_number
    from signals
    group by cluster_signature
),

in_periods as not materialized (
    select
        signals.*,
        users.user_number,
        signatures.signature_number,
        unnest({{ period_starts('signals.captured_at') }}, recursive := true)
    from signals
    inner join users on signals.user_id = users.user_id
    inner join signatures on signals.cluster_signature = signatures.cluster_signature
),

numbered as (
    select
        in_periods.event_id,
        in_periods.captured_at,
        in_periods.user_number,
        in_periods.signature_number,
        kinds.period_number,
        kinds.kind_number,
        kinds.is_low_confidence
    from in_periods
    inner join kinds
        on
            in_periods.period_granularity = kinds.period_granularity
            and in_periods.period_starts_on = kinds.period_starts_on
            and in_periods.signal_type = kinds.signal_type
            and in_periods.category = kinds.category
            and in_periods.workflow_phase is not distinct from kinds.workflow_phase
            and in_periods.confidence_band = kinds.confidence_band
            and in_periods.mismatch_severity = kinds.mismatch_severity
),

-- Low confidence is dropped before the cap, so that it takes no place from a better signal of the same user.
-- The event id breaks ties: ids are unique, so the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by period_number, signature_number, user_number, is_low_confidence
            order by captured_at, event_id
        ) as place
    from numbered
),

capped as (
    select
        ranked.captured_at,
        { 'captured_at': ranked.captured_at, 'event_id': ranked.event_id } as signal,
        ranked.signature_number,
        ranked.kind_number,
        ranked.place,
        kinds.representative_examples,
        not ranked.is_low_confidence and ranked.place <= kinds.max_events_per_user_per_bucket as is_kept
    from ranked
    inner join kinds on ranked.kind_number = kinds.kind_number
),

-- An aggregate of the first few sets room for them aside in each group, and wants one at least: where a policy shows
-- many, all are listed.
counted as (
    select
        signature_number,
        kind_number,
        count(*) as total_signals,
        count(*) filter (where is_kept) as event_count,
        count(*) filter (where is_kept and place = 1) as unique_users,
        min(captured_at) filter (where is_kept) as first_seen_at,
        max(captured_at) filter (where is_kept) as last_seen_at,
        coalesce(
            min(signal, least(greatest(representative_examples, 1), 10)) filter (
                where is_kept and representative_examples <= 10
            ),
            list_sort(list(signal) filter (where is_kept and representative_examples > 10))
        ) as earliest
    from capped
    group by signature_number, kind_number
),

final as (
    select
        kinds.period_granularity,
        kinds.period_starts_on,
        signatures.cluster_signature,
        kinds.signal_type,
        kinds.workflow_phase,
        kinds.severity,
        kinds.impact,
        kinds.is_low_confidence,
        counted.* exclude (signature_number, kind_number)
    from counted
    inner join kinds on counted.kind_number = kinds.kind_number
    inner join signatures on counted.signature_number = signatures.signature_number
)

select * from final
