-- Every state that a source was set to. The last one up to as_of is in force.

{{ config(
    materialized='landing_feed',
    feed='ingest_source_registry',
    identity=['source_key', 'updated_at'],
    instant='updated_at'
) }}

with

raw_rows as ({{ feed_rows('ingest_source_registry') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "source_key": "VARCHAR", "display_name": "VARCHAR", "state": "VARCHAR",
                "approved_for_prod": "VARCHAR", "quality_threshold": "VARCHAR",
                "include_url_patterns": "VARCHAR", "exclude_url_patterns": "VARCHAR", "cadence": "VARCHAR",
                "config_version": "VARCHAR", "updated_at": "VARCHAR"
            }')
        end as row
    from raw_rows
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.source_key, '') as source_key,
        nullif(row.display_name, '') as display_name,
        nullif(row.state, '') as state,
        try_cast(nullif(row.approved_for_prod, '') as boolean) as approved_for_prod,
        row.approved_for_prod as approved_for_prod_text,
        try_cast(nullif(row.quality_threshold, '') as double) as quality_threshold,
        row.quality_threshold as quality_threshold_text,
        {{ text_list('row.include_url_patterns') }} as include_url_patterns,
        {{ text_list('row.exclude_url_patterns') }} as exclude_url_patterns,
        nullif(row.cadence, '') as cadence,
        nullif(row.config_version, '') as config_version,
        {{ instant('row.updated_at') }} as updated_at,
        row.updated_at as updated_at_text
    from parsed
),

judged as (
    select
        *,
        case
            {{ bad_texts(['source_key'], ['display_name', 'state', 'cadence', 'config_version']) }}
            {{ long_ids(['source_key', 'config_version']) }}
            {{ bad_instants(['updated_at']) }}
            {{ bad_casts(['approved_for_prod'], 'boolean') }}
            {{ bad_casts(['quality_threshold'], 'number') }}
            when not (quality_threshold >= 0 and quality_threshold <= 1)
                then {{ defect('confidence_out_of_range', 'quality_threshold is not within 0..1') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        source_key,
        {{ redacted('display_name') }} as display_name,
        state,
        approved_for_prod,
        quality_threshold,
        include_url_patterns,
        exclude_url_patterns,
        cadence,
        config_version,
        updated_at
    from judged
)

select * from final
