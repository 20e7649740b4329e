-- Reflections whose answer could not be read. Several may concern one reflection: the ticket and the cycle tell them
-- apart, empty where a line names none, because an identity has no nulls.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            {{ line_columns() }},
            coalesce(reflection_id, '') as reflection_id,
            coalesce(reflection_cycle, -1) as reflection_cycle,
            coalesce(ticket_key, '') as ticket_key,
            left({{ redacted('raw_snippet') }}, 500) as raw_snippet
        ),
        {{ stage_b_run_id() }} as run_id
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
