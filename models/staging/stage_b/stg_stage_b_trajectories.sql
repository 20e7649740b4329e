-- Every candidate that a run made for a ticket at a step; -1 where the line does not say it, for an identity has no
-- nulls.

-- depends_on: {{ ref('verdict_words') }}

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
        {{ stage_b_run_id() }} as run_id
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
