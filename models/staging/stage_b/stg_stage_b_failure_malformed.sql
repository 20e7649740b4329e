-- Tickets that a run could not judge at all (hard failures). They are for debugging, never for review. The first runner
-- says no step: -1, because an identity has no nulls, and then what the line says tells it from others of its ticket.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            {{ ticket_columns() }},
            coalesce(global_step, -1) as global_step
        ),
        case
            when global_step is null
                then concat_ws('/', coalesce(epoch, -1), coalesce(reflection_cycle, -1), failure_reason)
            else ''
        end as unplaced_as,
        {{ stage_b_run_id() }} as run_id
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
