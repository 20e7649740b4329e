-- Tickets that still wait for a look, one line per run and mission: a run may leave thousands.

with

waiting as (
    select
        run_id,
        mission,
        reason_code,
        count(*) as ticket_count
    from {{ ref('stage_b_need_review_latest') }}
    where not is_resolved
    group by run_id, mission, reason_code
),

final as (
    select
        'tickets_to_review' as kind,
        concat_ws('/', run_id, mission) as item_key,
        concat_ws(' / ', run_id, mission) as title,
        string_agg(
            format('{} {:,}', replace(reason_code, '_', ' '), ticket_count), ', '
            order by ticket_count desc, reason_code asc
        ) as detail,
        sum(ticket_count)::bigint as item_count,
        sum(ticket_count)::double as urgency,
        null::timestamptz as opened_at
    from waiting
    group by run_id, mission
)

select * from final
