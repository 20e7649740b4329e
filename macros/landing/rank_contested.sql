{# Every version of the identities that occur more than once, tonight or together with what is stored, best first.
   Not materialized: of a night's rows only the identities are read, unless they are contested. #}
{% macro rank_contested(store, judged, content) %}
    {%- set identity = model.config.meta.identity | join(', ') -%}
    {%- set instant = model.config.meta.instant -%}
    create or replace temp table {{ this.identifier }}__ranked as
    with
    good as not materialized (
        select rowid as line_id, source_file, row_number, true as is_new, {{ content }}
        from {{ judged }} where reason_code is null and not is_ignored
    ),
    stored as not materialized (
        select rowid as line_id, source_file, row_number, false as is_new, {{ content }}
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
            partition by {{ identity }}, row_sha, source_file, is_new order by row_number
        ) as delivery_in_file
    from versions
    window best_first as (
        partition by {{ identity }} order by {{ instant }}, row_sha, is_new, source_file, row_number
        rows between unbounded preceding and unbounded following
    )
{% endmacro %}
