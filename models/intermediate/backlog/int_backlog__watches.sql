-- Decisions after which a rate is watched: of a signature promotions (did the fix work?) and dismissals (has it grown
-- since?), of a class of claims promotions. Of the states as tonight's run finds them, so that the run can read what
-- the watch found.

{{ config(schema='scratch') }}

with

subjects as (
    select
        candidate_key,
        any_value(case when source_type = 'issue_cluster' then subject_ref ->> '$[0]' end) as cluster_signature,
        any_value(case when source_type = 'extraction_calibration' then subject_ref ->> '$[0]' end) as claim_class
    from ({{ backlog_proposals_before_tonight() }})
    group by candidate_key
),

states as (
    select
        *,
        lead(entered_at) over (partition by candidate_key order by step_number) as left_at
    from {{ ref('int_backlog__steps_before_tonight') }}
    where status is distinct from status_before
),

final as (
    select
        states.candidate_key,
        states.status,
        states.entered_at as settled_at,
        states.left_at,
        subjects.cluster_signature,
        subjects.claim_class,
        date_trunc('week', states.entered_at)::date as settled_in
    from states
    inner join subjects on states.candidate_key = subjects.candidate_key
    where
        subjects.cluster_signature is not null and states.status in ('promoted', 'dismissed')
        or subjects.claim_class is not null and states.status = 'promoted'
)

select * from final
