{# dbt's own, except that a view outlives the session that made it: a reader's session knows nothing of the run, so a
   view holds the run's values, as literals. #}
{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif -%}
    create view {{ relation }} as (
    {{ with_values_of_this_run(sql) }}
    );
{%- endmacro %}
