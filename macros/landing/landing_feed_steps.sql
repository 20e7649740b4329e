{# The steps of the materialization landing_feed, in their order; `judged` holds tonight's rows in file order. #}

{# Tonight's files that hold rows, with the lines of `judged` that are theirs. #}
{% macro find_file_lines(judged) %}
    create or replace temp table {{ this.identifier }}__files as
    select
        inventory.source_file,
        inventory.is_open_ended,
        inventory.is_settled,
        inventory.reader_version,
        min(line.rowid) as first_line_id,
        max(line.rowid) as last_line_id
    from {{ judged }} as line
    inner join scratch.landing_inventory as inventory
        on line.source_file = inventory.source_file and inventory.feed = '{{ config.get("feed") }}'
    group by all
{% endmacro %}

{# Every version of the identities that occur more than once, tonight or together with what is stored, best first.
   Not materialized: of a night's rows only the identities are read, unless they are contested. #}
{% macro rank_contested(store, judged, content) %}
    {%- set identity = config.get('identity') | join(', ') -%}
    {%- set instant = config.get('instant') -%}
    create or replace temp table {{ this.identifier }}__ranked as
    with
    good as not materialized (
        select rowid as line_id, source_file, true as is_new, {{ content }}
        from {{ judged }} where reason_code is null and not is_ignored
    ),
    stored as not materialized (
        select rowid as line_id, source_file, false as is_new, {{ content }}
        from {{ store }} where not is_displaced and ({{ identity }}) in (select ({{ identity }}) from good)
    ),
    contested as (
        select {{ identity }}
        from (select {{ identity }} from good union all select {{ identity }} from stored)
        group by all having count(*) > 1
    ),
    versions as (
        select
            *,
            to_json(struct_pack({{ content }}))::varchar as canonical_row,
            sha256(canonical_row) as row_sha
        from (select * from good union all select * from stored)
        semi join contested using ({{ identity }})
    )
    select
        line_id,
        source_file,
        is_new,
        canonical_row,
        row_number() over best_first as version_rank,
        row_sha = first_value(row_sha) over best_first as is_winning_content,
        first_value(is_new) over best_first as is_winner_new,
        first_value(source_file) over best_first as winner_file,
        row_number() over (
            partition by {{ identity }}, row_sha, source_file, is_new order by line_id
        ) as delivery_in_file
    from versions
    window best_first as (
        partition by {{ identity }} order by {{ instant }}, row_sha, is_new, source_file, line_id
        rows between unbounded preceding and unbounded following
    )
{% endmacro %}

{# What became of each of tonight's rows: one row per line that is a row. A column of the feed may bear any name: the
   aliases read here must be none that a feed would use. #}
{% macro outcomes(judged) %}
    {%- set ranked = this.identifier ~ '__ranked' -%}
    select
        line.rowid as line_id,
        line.source_file,
        line.rowid - file.first_line_id + 1 as row_number,
        case
            when line.reason_code = 'not_json' and file.is_open_ended and line.rowid = file.last_line_id
                then if(file.is_settled, 'truncated_line', 'open')
            when line.reason_code is not null then line.reason_code
            when ranked.line_id is not null and not ranked.is_winning_content then 'conflicting_redelivery'
        end as outcome_reason,
        case
            when outcome_reason in ('blank', 'open') then outcome_reason
            when outcome_reason is not null then 'quarantined'
            when line.is_ignored then 'ignored'
            when ranked.line_id is null or ranked.version_rank = 1 then 'kept'
            -- The row that is stored, delivered again by the file it came from.
            when not ranked.is_winner_new and ranked.winner_file = line.source_file and ranked.delivery_in_file = 1
                then 'kept'
            else 'redelivered'
        end as outcome,
        line.detail,
        coalesce(line.raw_row, {{ quarantine_text('ranked.canonical_row') }}) as raw_row
    from {{ judged }} as line
    inner join {{ this.identifier }}__files as file on line.source_file = file.source_file
    left join {{ ranked }} as ranked on line.rowid = ranked.line_id and ranked.is_new
{% endmacro %}

{# Tonight's quarantined rows, and stored rows that lost to one that came tonight. #}
{% macro log_quarantined(store, judged, content) %}
    create or replace temp table {{ this.identifier }}__outcomes as {{ outcomes(judged) }};
    insert into scratch.landing_quarantine by name
    select
        '{{ config.get("feed") }}' as feed, source_file, row_number, outcome_reason as reason_code, detail, raw_row,
        true as is_of_tonights_read
    from {{ this.identifier }}__outcomes where outcome = 'quarantined';
    insert into scratch.landing_quarantine by name
    select
        '{{ config.get("feed") }}' as feed,
        stored.source_file,
        stored.row_number,
        'conflicting_redelivery' as reason_code,
        'kept until a version with a lesser (instant, hash) arrived' as detail,
        {{ quarantine_text('ranked.canonical_row') }} as raw_row,
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

{% macro log_counts(judged) %}
    insert into scratch.landing_counts by name
    select
        '{{ config.get("feed") }}' as feed,
        source_file,
        count_if(outcome not in ('blank', 'open'))::bigint as rows_in,
        count_if(outcome = 'kept')::bigint as kept,
        count_if(outcome = 'redelivered')::bigint as redelivered,
        count_if(outcome = 'ignored')::bigint as ignored,
        count_if(outcome = 'quarantined')::bigint as quarantined,
        bool_or(outcome = 'open') as has_open_line
    from {{ this.identifier }}__outcomes
    group by all
{% endmacro %}

{% macro store_kept(store, judged, content) %}
    {%- set ranked = this.identifier ~ '__ranked' -%}
    update {{ store }} set is_displaced = true, loaded_in_run = {{ run_number() }}
    where rowid in (select line_id from {{ ranked }} where not is_new and version_rank > 1);
    insert into {{ store }} by name
    select
        {{ content }},
        line.source_file,
        line.rowid - file.first_line_id + 1 as row_number,
        file.reader_version,
        {{ run_number() }} as loaded_in_run,
        false as is_displaced
    from {{ judged }} as line
    inner join {{ this.identifier }}__files as file on line.source_file = file.source_file
    where line.reason_code is null
        and not line.is_ignored
        and line.rowid not in (select line_id from {{ ranked }} where is_new and version_rank > 1)
{% endmacro %}

{# What the steps left: after a large load more than the stored rows themselves, and the marts need the room. #}
{% macro drop_steps(judged) %}
    drop table {{ judged }};
    {%- for step in ('files', 'ranked', 'outcomes') %}
    drop table temp.{{ this.identifier }}__{{ step }};
    {%- endfor %}
{% endmacro %}
