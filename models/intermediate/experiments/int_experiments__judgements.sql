-- Which experiments are judged, and as known when: tonight, when a change that names one was deployed in full, and when
-- a policy row that names one came into force. A change is judged by what could be known when it was made.

with

stored as (
    select
        *,
        sha256(to_json(stored)::varchar) as content_hash
    from ({{ known_rows(ref('stg_ingest_experiments'), 'happened_at') }}) as stored
),

asked as (
    select distinct
        experiment_id,
        {{ as_of() }} as judged_at
    from stored
    union
    select
        experiment_id,
        applied_at as judged_at
    from ({{ known_rows(ref('stg_ingest_tuning_changes'), 'applied_at') }})
    where deployment_mode = 'full' and experiment_id is not null
    union
    select
        experiment_id,
        least(effective_from, {{ as_of() }}) as judged_at
    from {{ ref('int_policy__rows') }}
    where experiment_id is not null
),

-- The last state is in force; what it leaves out, an earlier one said.
known as (
    select
        asked.experiment_id,
        asked.judged_at,
        arg_max(stored.experiment_name, (stored.happened_at, stored.content_hash)) as experiment_name,
        arg_max(stored.hypothesis, (stored.happened_at, stored.content_hash)) as hypothesis,
        arg_max(stored.status, (stored.happened_at, stored.content_hash)) as status,
        arg_max(stored.scope_json, (stored.happened_at, stored.content_hash)) as scope_json,
        arg_max(stored.started_at, (stored.happened_at, stored.content_hash)) as started_at,
        arg_max(stored.ended_at, (stored.happened_at, stored.content_hash)) as told_ended_at,
        max(stored.happened_at) as updated_at
    from asked
    inner join stored on asked.experiment_id = stored.experiment_id and asked.judged_at >= stored.happened_at
    group by asked.experiment_id, asked.judged_at
),

-- An experiment that is over and does not say since when, ended with that word.
scoped as (
    select
        *,
        coalesce(told_ended_at, case when status in ('completed', 'aborted') then updated_at end) as ended_at,
        coalesce(nullif(scope_json ->> '$.deployment_mode', ''), 'unknown') as deployment_mode,
        coalesce(nullif(scope_json ->> '$.primary_metric', ''), 'promotion_rate') as primary_metric,
        coalesce(nullif(scope_json ->> '$.direction', ''), 'up') as direction,
        nullif(scope_json ->> '$.planned_split', '') as planned_split
    from known
),

split as (
    select
        *,
        coalesce(
            try_cast(planned_split as double),
            {{ split_share('$.control', '$.treatment') }},
            {{ split_share('$[0]', '$[1]') }}
        ) as told_treatment_share
    from scoped
),

final as (
    select
        experiment_id,
        judged_at,
        experiment_name,
        hypothesis,
        status,
        scope_json,
        started_at,
        ended_at,
        updated_at,
        least(ended_at, judged_at) as counted_until,
        deployment_mode,
        primary_metric,
        direction,
        case
            when told_treatment_share > 0 and told_treatment_share < 1 then told_treatment_share
            else 0.5
        end as planned_treatment_share,
        planned_split is not null
        and planned_split != 'equal'
        and not coalesce(told_treatment_share > 0 and told_treatment_share < 1, false) as is_split_unread
    from split
)

select * from final
