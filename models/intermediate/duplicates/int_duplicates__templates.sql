-- The keys that became templates, and ceased to be, in the run of each change: a key that more titles meet than one
-- idea is ever told in is a form that somebody fills in. What it is tonight depends on tonight's titles alone; the
-- changes say which titles a night must compare again.

{{ config(materialized='incremental', pre_hook="{{ forget_templates_of_this_run() }}") }}

with

crowded as (
    select meeting_key
    from {{ ref('int_duplicates__title_keys') }}
    group by meeting_key
    having count(*) > (select max_titles_per_key from {{ ref('int_duplicates__policy') }})
),

changes as (
    {{ log_before_tonight('select meeting_key, true as is_template, 0 as changed_in_run from crowded') }}
),

known as (
    select meeting_key
    from changes
    group by meeting_key
    having max_by(is_template, changed_in_run)
),

final as (
    select
        coalesce(crowded.meeting_key, known.meeting_key) as meeting_key,
        crowded.meeting_key is not null as is_template,
        {{ run_number() }}::integer as changed_in_run
    from crowded
    full join known on crowded.meeting_key = known.meeting_key
    where crowded.meeting_key is null or known.meeting_key is null
)

select * from final
