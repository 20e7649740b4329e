{# A table that is there and of the same code takes tonight's rows: nothing is described, and what only appends goes
   without a temporary table. A new one, or one that is rebuilt, is built as any table; where the code may have changed
   its columns, dbt's own looks after them. #}
{% materialization incremental, adapter='duckdb' %}
    {% set target = this.incorporate(type='table') %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is none or existing.type != 'table' or should_full_refresh() %}
        {{ return(materialization_table_duckdb()) }}
    {% elif checks_contracts() %}
        {{ return(dbt.materialization_incremental_duckdb()) }}
    {% endif %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}{{ added_rows(target) }}{% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
