{# The day that a file's folder or name speaks of (date=2026-02-12), as a date; null where it names none. #}
{% macro day_of_file(source_file) -%}
    try_cast(nullif(regexp_extract({{ source_file }}, '(?:^|/)date=(\d{4}-\d{2}-\d{2})', 1), '') as date)
{%- endmacro %}
