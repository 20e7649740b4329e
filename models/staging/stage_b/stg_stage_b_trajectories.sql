-- Every candidate that a run made for a ticket at a step.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace ({{ ticket_columns() }}),
        {{ stage_b_run_id() }} as run_id
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
