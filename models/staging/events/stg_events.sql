-- Every event that a model reads, typed, once per event_id, for ever. Bad rows go to quarantined_rows.
-- One wide table, not four: an event_id is unique over all types, and null columns cost next to nothing.

with

typed as (
    {{ typed_rows() }}
),

attributed as (
    select
        *,
        {{ sent_attributes() }} as sent_attributes
    from typed
),

judged as (
    select
        * exclude (sent_attributes) replace (
            event_type not in ('learning.signal.logged', 'evidence.claim.logged', 'set.corrected', 'event.retracted')
            and not {{ is_no_text('event_type') }} as is_ignored,
            coalesce(defect, case
                when captured_at - interval 1 day > event_at
                    then {{ defect('captured_after_timestamp', 'data.captured_at is more than a day after timestamp') }}
                when
                    signal_type = 'save_claim_mismatch_attempt'
                    and mismatch_severity not in ('critical', 'warning', 'info', 'none')
                    then {{ defect('unknown_value', 'data.attributes.mismatch_severity') }}
            end) as defect,
            case
                when event_type = 'learning.signal.logged' then coalesce(
                    cluster_signature,
                    'ls_' || left(sha1(
                        signal_type || '|' || coalesce(issue_type, '') || '|' || coalesce(invariant_id, '') || '|'
                        || coalesce(workflow_phase, '')
                    ), 20)
                )
            end as cluster_signature,
            list_sort(json_keys(changed_fields)) as changed_fields
        ),
        {{ signal_attributes('sent_attributes') }} as attributes
    from attributed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
