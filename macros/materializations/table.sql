{# dbt builds a table beside the one there was, renames both, and drops the old one: readers of a shared database must
   find one at any moment. Nobody reads a night's private file, so the table is replaced, in one transaction. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set target = this.incorporate(type='table') %}
    {% do drop_unless('table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main', language=model.language) %}{{ replaced_table(target) }}{% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
