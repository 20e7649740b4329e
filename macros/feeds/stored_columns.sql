{# What the store of every feed keeps of a row beside its content. #}
{% macro stored_columns() %}
    {{ return(['source_file', 'row_number', 'reader_version', 'loaded_in_run', 'is_displaced']) }}
{% endmacro %}
