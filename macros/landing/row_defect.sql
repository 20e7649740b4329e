{#
  Why a raw row cannot even be parsed: null when it can. `blank` is no row at all.
  Depth is counted only in rows with more than 64 brackets or 64 KiB, and text only in rows over 1 MiB: both are rare.
  Every row passes here: trim, translate and replace walk it character by character and cost a multiple of what parsing it
  costs; to split it costs a tenth, but room, in which a long row of brackets would not fit.
#}
{% macro row_defect(raw_row) -%}
    case
        when {{ raw_row }} is null or not regexp_matches({{ raw_row }}, '[^ \t\r]') then 'blank'
        when left({{ raw_row }}, 1) = '!'
            and regexp_matches({{ raw_row }}, '^!(unreadable_(file|folder|name)|outside_landing|not_a_file|line_too_long|not_utf8|ragged_record|bad_quoting)!')
            then regexp_extract({{ raw_row }}, '^!([a-z0-9_]+)!', 1)
        when not regexp_matches({{ raw_row }}, '^[ \t\r]*\{') or not json_valid({{ raw_row }}) then 'not_json'
        when contains({{ raw_row }}, chr(0)) or contains({{ raw_row }}, '\u0000') then 'nul_character'
        when
            case
                when strlen({{ raw_row }}) <= 65536
                    then len(string_split({{ raw_row }}, '{')) + len(string_split({{ raw_row }}, '[')) > 66
                else true
            end
            and scratch.is_too_deep({{ raw_row }}) then 'too_deep'
        when strlen({{ raw_row }}) > 1048576
            and list_max([strlen(part) for part in string_split(replace({{ raw_row }}, '\"', ''''), '"')]) > 1048576
            then 'text_too_long'
    end
{%- endmacro %}
