{# What became of each of tonight's rows: one row per line that is a row. A column of the feed may bear any name: the
   aliases read here must be none that a feed would use. A bad row keeps what it is about and when it happened, as typed and
   treated as any column, since its text may not be kept. #}
{% macro outcomes(judged) %}
    {%- set ranked = this.identifier ~ '__ranked' -%}
    select
        line.rowid as line_id,
        line.source_file,
        line.row_number,
        case
            when line.reason_code = 'not_json' and file.is_open_ended and line.row_number = file.line_count
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
        coalesce(line.raw_row, left(ranked.canonical_row, 2048)) as raw_row,
        line.{{ model.config.meta.about or model.config.meta.identity[0] }}::varchar as about,
        line.{{ model.config.meta.instant }} as happened_at
    from {{ judged }} as line
    inner join scratch.landing_inventory as file
        on line.source_file = file.source_file and file.feed = '{{ model.config.meta.feed }}'
    left join {{ ranked }} as ranked on line.rowid = ranked.line_id and ranked.is_new
{% endmacro %}
