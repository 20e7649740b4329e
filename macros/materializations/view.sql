{# As `table`: replaced, not renamed. A view outlives the night, and its reader knows nothing of the
   run: it holds the run's values, as literals. #}
{% materialization view, adapter='duckdb' %}
    {% set target = this.incorporate(type='view') %}
    {% do drop_unless('view') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {%- if config.get('contract').enforced %}{{ get_assert_columns_equivalent(sql) }}{% endif -%}
        create or replace view {{ target }} as (
        {{ with_values_of_this_run(sql) }}
        )
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
