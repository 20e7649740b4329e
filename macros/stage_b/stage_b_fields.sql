{# Run and mission are the folders that hold a file: a line may leave its mission out, and never names its run. #}
{% macro stage_b_run_id() -%} split_part(source_file, '/', 2) {%- endmacro %}

{% macro stage_b_mission() -%} split_part(source_file, '/', 3) {%- endmacro %}

{# When a line happened, where it says so. The runs mostly do not: then the first instant that may be, so that the line
   exists at every as_of and its run alone (int_stage_b__runs) decides. Not the file's time: it depends on delivery. #}
{% macro stage_b_row_at(text) -%}
    case when nullif({{ text }}, '') is null then timestamptz '2000-01-01 00:00:00+00' else {{ instant(text) }} end
{%- endmacro %}

{# A count or a step from its text; 3.0 is 3, but 3.7 is none: a cast would round it without a word. #}
{% macro whole_number(text) -%}
    case
        when regexp_full_match({{ text }}, '\d{1,12}(\.0+)?') then string_split({{ text }}, '.')[1]::bigint
    end
{%- endmacro %}

{% macro flag(text) -%} try_cast({{ text }} as boolean) {%- endmacro %}

{# A list of texts from JSON text: null when there is none, or when it is no list. #}
{% macro json_list(text) -%}
    case
        when left({{ text }}, 1) = '[' and json_valid({{ text }})
            then [element for element in from_json({{ text }}, '["VARCHAR"]') if element is not null]
    end
{%- endmacro %}

{# The group and the label that a ticket's key holds (`group_id::gt_label`), for lines that leave them out. #}
{% macro key_part(ticket_key, part) -%}
    nullif(regexp_extract({{ ticket_key }}, '(?s)^(.*)::(pass|fail)$', {{ part }}), '')
{%- endmacro %}
