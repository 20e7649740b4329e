-- The runs that may say something else than last night: lines or a run.json came, or lost to a better version, or were
-- passed by as_of, since then; or a policy row in force at their start is new. A mission of a run is judged alone, so
-- the others are left as they are.

{{ config(schema='scratch') }}

with

touched_lines as (
    select distinct
        run_id,
        mission
    from {{ ref('stg_stage_b__lines') }}
    where {{ is_touched('row_at') }}
),

touched_starts as (
    select distinct
        run_id,
        mission
    from {{ ref('stg_stage_b_runs') }}
    where {{ is_touched('started_at') }}
),

-- A run.json one folder up speaks for all missions of its run.
touched_by_start as (
    select distinct
        lines.run_id,
        lines.mission
    from {{ ref('stg_stage_b__lines') }} as lines
    semi join touched_starts
        on
            lines.run_id = touched_starts.run_id
            and (lines.mission = touched_starts.mission or touched_starts.mission = '')
),

touched_by_policy as (
    select
        run_id,
        mission
    from {{ ref('int_stage_b__runs') }}
    where
        started_at >= {{ policy_changed_from([
            'stage_b', 'review_buckets', 'fail_first_exception_phrases', 'rule_effects_policy', 'protected_rules'
        ]) }}
        -- A word means what it means tonight, in every run.
        or {{ policy_changed_from(['verdict_words']) }} <= {{ as_of() }}
),

final as (
    select * from touched_lines
    union
    select * from touched_by_start
    union
    select * from touched_by_policy
)

select * from final
