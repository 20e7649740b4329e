-- Every state that an extraction run was in. Its instant is its end; while it runs, its start.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        *,
        coalesce(finished_at, started_at) as happened_at
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
