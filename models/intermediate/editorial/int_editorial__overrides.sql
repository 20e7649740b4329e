-- Every word over a candidate's visibility or a source's running, with whether its actor may decide, and which one is
-- the last of those that may. Of two at one instant the greater content hash is in force.

with

approvers as (
    select
        actor,
        effective_from
    from {{ ref('approvers') }}
    where effective_from <= {{ as_of() }}
),

overrides as (
    select
        'candidate' as subject,
        candidate_id as subject_key,
        override_id,
        visibility as decision,
        actor,
        created_at,
        override_reason,
        null::timestamptz as paused_until
    from ({{ known_rows(ref('stg_score_overrides'), 'created_at') }})
    union all
    select
        'source' as subject,
        source_key as subject_key,
        override_id,
        action as decision,
        actor,
        created_at,
        override_reason,
        paused_until
    from ({{ known_rows(ref('stg_source_overrides'), 'created_at') }})
),

judged as (
    select
        overrides.*,
        sha256(to_json(overrides)::varchar) as content_hash,
        (select count(*) from approvers) = 0
        or exists (
            select 1 from approvers
            where approvers.actor = overrides.actor and approvers.effective_from <= overrides.created_at
        ) as is_allowed
    from overrides
),

final as (
    select
        * exclude (content_hash),
        is_allowed and row_number() over (
            partition by subject, subject_key, is_allowed order by created_at desc, content_hash desc
        ) = 1 as is_last
    from judged
)

select * from final
