{# dbt's own comparison asks the database twice for each model. #}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {% if checks_contracts() %}{{ return(assert_columns_equivalent(sql)) }}{% endif %}
{% endmacro %}
