{# Post-hook of the quarantine: texts of the time when it kept more of a row than it does now (rows of no known reader) go.
   What is still in its file has been quarantined again, with what may be kept of it. #}
{% macro forget_earlier_texts() -%}
    update {{ this }} set raw_row = null, detail = null, reader_version = 0 where reader_version is null
{%- endmacro %}
