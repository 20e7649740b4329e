-- What each source is set to at as_of: its registry row in force, and whether it is paused: of the registry's word paused
-- and what people said, the later holds, and at one instant theirs. A pause ends at its `until`; that instant is already
-- running again.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

registry as (
    select *
    from ({{ known_rows(ref('stg_ingest_source_registry'), 'updated_at') }})
    qualify row_number() over (partition by source_key order by updated_at desc) = 1
),

overrides as (
    select * from {{ ref('int_editorial__overrides') }}
    where subject = 'source' and is_last
),

sources as (
    select source_key from registry
    union
    select source_key from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }})
    union
    select subject_key as source_key from overrides
),

final as (
    select
        sources.source_key,
        registry.display_name,
        registry.source_key is not null as is_registered,
        registry.state as registry_state,
        registry.approved_for_prod,
        registry.cadence,
        registry.config_version,
        registry.include_url_patterns,
        registry.exclude_url_patterns,
        registry.updated_at,
        coalesce(registry.quality_threshold, policy.default_quality_threshold::double) as quality_threshold,
        coalesce(
            lower(trim(registry.state)) = 'paused' and coalesce(registry.updated_at > overrides.created_at, true), false
        ) as is_paused_by_registry,
        coalesce(
            overrides.decision = 'pause'
            and not is_paused_by_registry
            and (overrides.paused_until is null or {{ as_of() }} < overrides.paused_until),
            false
        ) as is_paused_by_person,
        is_paused_by_registry or is_paused_by_person as is_paused,
        case
            when is_paused_by_registry then 'the registry'
            when is_paused_by_person then overrides.actor
        end as paused_by,
        case when is_paused_by_person then overrides.override_reason end as paused_reason,
        case
            when is_paused_by_registry then registry.updated_at
            when is_paused_by_person then overrides.created_at
        end as paused_at,
        case when is_paused_by_person then overrides.paused_until end as paused_until
    from sources
    cross join policy
    left join registry on sources.source_key = registry.source_key
    left join overrides on sources.source_key = overrides.subject_key
)

select * exclude (is_paused_by_registry, is_paused_by_person) from final
