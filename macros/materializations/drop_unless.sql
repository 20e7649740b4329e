{# Drops what has the model's name but is of another kind: DuckDB replaces a table by a table and a view by a view. #}
{% macro drop_unless(type) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing and existing.type != type %}{% do adapter.drop_relation(existing) %}{% endif %}
{% endmacro %}
