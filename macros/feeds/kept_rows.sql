{#
  What the materialization landing_feed takes of each row: where it was read and how it was judged, then every column of
  the declaration in its order, persons as pseudonyms and free text without addresses.
#}
{% macro kept_rows(judged) -%}
    {%- if not execute or env_var('LEARNING_LOOP_LINT', '') -%} select * from {{ judged }}
    {%- else -%}
    select
        source_file,
        row_number,
        coalesce(is_ignored, false) as is_ignored,
        coalesce(row_defect, case when not coalesce(is_ignored, false) then defect.reason_code end) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row
        {%- for column in declared_feed().columns %},
        {{ treated(column, if_any='may_hold_addresses') }} as {{ column.name }}
        {%- endfor %}
    from (select *, {{ may_hold_addresses() }} as may_hold_addresses from {{ judged }})
    {%- endif -%}
{%- endmacro %}
