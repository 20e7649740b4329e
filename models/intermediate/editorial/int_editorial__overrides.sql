-- Every word over a candidate's visibility or a source's running, with whether its actor might decide then (an editor
-- on a candidate, an admin on a source), and which one is the last of those that might. Of two at one instant the
-- greater content hash is in force.

with

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
        {{ may_decide(
            "if(overrides.subject = 'source', 'admin', 'editor')", 'overrides.actor', 'overrides.created_at'
        ) }} as is_allowed
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
