-- When a run began, as its run.json says: beside a mission's files it speaks for that mission, one folder up for all
-- missions of the run (mission is then empty).

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        *,
        {{ stage_b_run_id() }} as run_id,
        case when len(string_split(source_file, '/')) > 3 then {{ stage_b_mission() }} else '' end as mission
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
