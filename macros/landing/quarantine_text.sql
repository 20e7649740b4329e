{#
  What of a bad row may be kept for people to look at. Of a row that parsed as one JSON object its text, at most 2 KiB,
  with the value of every field for persons replaced, at any depth, after unescaping, and without addresses. Of anything
  else nothing but its length and a keyed digest: what a person's id would look like in it, nobody can say. That is a row
  that did not parse, a record of CSV, a field for persons, or what should hold it, of another type or with anything else
  in it, and a row in which such a field is named anywhere else, as in JSON within a text.
#}
{% macro quarantine_text(raw_row) -%}
    {%- set fields = person_fields() -%}
    {%- set masked = masked_persons(raw_row) -%}
    {%- set content = "regexp_replace(" ~ raw_row ~ ", '^![a-z0-9_]+![^!]*!', '')" -%}
    {%- set unkept = "'[' || strlen(" ~ content ~ ") || ' bytes, not kept; hmac ' || " ~ keyed_digest(content) ~ " || ']'" -%}
    case
        when row_defect in ('unreadable_file', 'unreadable_folder', 'unreadable_name', 'outside_landing', 'not_a_file') then ''
        when row_defect is not null or regexp_matches(source_file, '(?i)\.csv(\.gz)?$') then {{ unkept }}
        when {{ names_persons(masked) }}
            {%- for holder in fields.holders %}
            or regexp_matches(json({{ raw_row }})::varchar, '"{{ holder }}":[^{n]')
            {%- endfor %}
            then {{ unkept }}
        else left({{ redacted(masked, is_json=true) }}, 2048)
    end
{%- endmacro %}
