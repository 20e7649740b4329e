{# Tonight's quarantined rows, and stored rows that lost to one that came tonight. #}
{% macro log_quarantined(store, judged, content) %}
    create or replace temp table {{ this.identifier }}__outcomes as {{ outcomes(judged) }};
    insert into scratch.landing_quarantine by name
    select
        '{{ model.config.meta.feed }}' as feed, source_file, row_number, outcome_reason as reason_code, detail, raw_row,
        about, happened_at,
        true as is_of_tonights_read
    from {{ this.identifier }}__outcomes where outcome = 'quarantined';
    insert into scratch.landing_quarantine by name
    select
        '{{ model.config.meta.feed }}' as feed,
        stored.source_file,
        stored.row_number,
        'conflicting_redelivery' as reason_code,
        'kept until a version with a lesser (instant, hash) arrived' as detail,
        left(ranked.canonical_row, 2048) as raw_row,
        false as is_of_tonights_read
    from {{ this.identifier }}__ranked as ranked
    inner join {{ store }} as stored on ranked.line_id = stored.rowid
    where not ranked.is_new and ranked.version_rank > 1
        and not exists (
            select 1 from {{ this.identifier }}__ranked as again
            where again.is_new
                and again.canonical_row = ranked.canonical_row
                and again.source_file = ranked.source_file
        )
{% endmacro %}
