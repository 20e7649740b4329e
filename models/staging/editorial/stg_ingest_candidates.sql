-- Every idea that a run extracted from a source, once per id, for ever. The idea key is taken from the text as it came:
-- two ideas that differ in an address alone are two, though the address itself is not stored.

{{ config(materialized='landing_feed', feed='ingest_candidates', identity=['candidate_id'], instant='created_at') }}

with

raw_rows as ({{ feed_rows('ingest_candidates') }}
),

parsed as (
    select
        *,
        case
            when row_defect is null then from_json(raw_row, '{
                "id": "VARCHAR", "source_key": "VARCHAR", "source_url": "VARCHAR", "title": "VARCHAR",
                "description": "VARCHAR", "raw_excerpt": "VARCHAR", "created_at": "VARCHAR", "run_id": "VARCHAR",
                "meta_json": "VARCHAR"
            }')
        end as row
    from raw_rows
),

unwrapped as (
    select
        *,
        nullif(row.meta_json, '') as meta_json_text,
        {{ object_text('row.meta_json') }} as meta_json,
        case
            when meta_json is not null then from_json(meta_json, '{
                "strategy": "VARCHAR", "selector": "VARCHAR", "parser_confidence": "VARCHAR",
                "rule_version": "VARCHAR", "quality_flags": "VARCHAR"
            }')
        end as meta
    from parsed
),

typed as (
    select
        source_file,
        raw_row,
        row_defect,
        nullif(row.id, '') as candidate_id,
        nullif(row.source_key, '') as source_key,
        nullif(row.source_url, '') as source_url,
        nullif(row.title, '') as title,
        nullif(row.description, '') as description,
        nullif(row.raw_excerpt, '') as raw_excerpt,
        {{ instant('row.created_at') }} as created_at,
        row.created_at as created_at_text,
        nullif(row.run_id, '') as run_id,
        meta_json,
        meta_json_text,
        nullif(meta.strategy, '') as strategy,
        nullif(meta.selector, '') as selector,
        try_cast(nullif(meta.parser_confidence, '') as double) as parser_confidence,
        meta.parser_confidence as parser_confidence_text,
        nullif(meta.rule_version, '') as parser_rule_version,
        {{ text_list('meta.quality_flags') }} as parser_flags
    from unwrapped
),

judged as (
    select
        *,
        case
            {{ bad_texts(
                ['candidate_id', 'source_key', 'source_url', 'title'],
                ['description', 'raw_excerpt', 'run_id', 'strategy', 'selector', 'parser_rule_version']
            ) }}
            {{ long_ids(['candidate_id', 'source_key', 'run_id']) }}
            {{ bad_instants(['created_at']) }}
            {{ bad_casts(['meta_json'], 'object') }}
            {{ bad_casts(['parser_confidence'], 'number') }}
            when not (parser_confidence >= 0 and parser_confidence <= 1)
                then {{ defect('confidence_out_of_range', 'meta_json.parser_confidence is not within 0..1') }}
        end as defect
    from typed
),

final as (
    select
        {{ landing_verdict() }},
        candidate_id,
        source_key,
        source_url,
        {{ redacted('title') }} as title,
        {{ redacted('description') }} as description,
        {{ redacted('raw_excerpt') }} as raw_excerpt,
        created_at,
        run_id,
        coalesce(strategy, 'unknown') as strategy,
        selector,
        parser_confidence,
        parser_rule_version,
        parser_flags,
        {{ redacted('meta_json') }} as meta_json,
        {{ idea_key('source_key', 'source_url', 'title', 'description') }} as idea_key
    from judged
)

select * from final
