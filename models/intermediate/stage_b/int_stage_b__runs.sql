-- The runs (a mission's part of each) that exist at as_of, with the policy in force at their start and the last step
-- that is known. A run without a run.json started at its first row that says when it happened; where none does, at the
-- first instant there can be, so that the first policy judges it and no later row moves it.

with

lines as (
    select
        run_id,
        mission,
        min(row_at) filter (where row_at > timestamptz '2000-01-01 00:00:00+00') as first_row_at,
        max(global_step) filter (where row_at <= {{ as_of() }}) as last_known_step,
        count(*) filter (where row_at <= {{ as_of() }}) as line_count
    from {{ ref('stg_stage_b__lines') }}
    where not is_displaced
    group by run_id, mission
),

starts as (
    select
        run_id,
        mission,
        started_at
    from {{ ref('stg_stage_b_runs') }}
    where not is_displaced
),

-- A run of which only the run.json is there is an empty run, not an error.
missions as (
    select
        run_id,
        mission
    from lines
    union
    select
        run_id,
        mission
    from starts
    where mission != ''
),

dated as (
    select
        missions.run_id,
        missions.mission,
        coalesce(
            own.started_at, of_run.started_at, lines.first_row_at, timestamptz '2000-01-01 00:00:00+00'
        ) as started_at,
        lines.last_known_step,
        coalesce(lines.line_count, 0) as line_count
    from missions
    left join lines on missions.run_id = lines.run_id and missions.mission = lines.mission
    left join starts as own on missions.run_id = own.run_id and missions.mission = own.mission
    left join starts as of_run on missions.run_id = of_run.run_id and of_run.mission = ''
),

policy as ({{ policy_periods(ref('stage_b')) }}
),

final as (
    select
        dated.run_id,
        dated.mission,
        dated.started_at,
        dated.line_count,
        dated.last_known_step,
        policy.* exclude (valid_from, valid_to)
    from dated
    inner join policy on {{ in_force('policy', 'dated.started_at') }}
    where dated.started_at <= {{ as_of() }}
)

select * from final
