-- Every state that an experiment was in, with its plan. Its instant is that of its latest word on itself.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            coalesce(defect, case
                when coalesce(updated_at, ended_at, started_at) is null then {{ defect('missing_field', 'updated_at') }}
            end) as defect
        ),
        coalesce(updated_at, ended_at, started_at) as happened_at
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
