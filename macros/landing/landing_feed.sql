{#
  The materialization of every feed. The model's SQL reads and judges tonight's rows; this stores the good ones, typed,
  once per identity, and leaves what became of each row in scratch for `landing_files` and `quarantined_rows`.
  Never rebuilt by a full refresh: what was stored stays stored.

  Of one identity with two contents the one with the least (instant, sha256 of the canonical row) is kept, whenever it
  arrives. Only identities that occur twice are hashed and ranked: hashing every row would double the cost of a load.
  A stored row that loses is marked is_displaced, not deleted: its periods must be computed again.

  Config: feed; identity: the columns that make two rows the same; instant: the column that says when it happened.
#}
{% materialization landing_feed, adapter='duckdb' %}
    {%- set store = this.incorporate(type='table') -%}
    {%- set judged = 'scratch.' ~ this.identifier ~ '__judged' -%}
    {%- set is_new = load_cached_relation(this) is none -%}
    {%- set tonight = "select 1 from scratch.landing_inventory where status != 'not_read' and feed = '" ~ model.config.meta.feed ~ "' limit 1" -%}
    {{ run_hooks(pre_hooks) }}
    {% set has_files = run_query(tonight).rows | length > 0 %}
    {% if is_new or has_files or flags.FULL_REFRESH %}
        {% call statement('judged') %}create or replace table {{ judged }} as {{ compiled_code }}{% endcall %}
        {% set content = content_columns(judged) %}
        {% if is_new %}
            {% do run_query(create_store(store, judged, content)) %}
        {% else %}
            {# A feed may be declared with more than an earlier version stored. #}
            {% do add_new_columns(store, judged, content) %}
        {% endif %}
    {% endif %}
    {# After the columns: DuckDB commits no change of rows that a change of the table follows. #}
    {% if flags.FULL_REFRESH and not is_new %}{% do run_query(redact_vanished(store)) %}{% endif %}
    {% if has_files %}
        {% do run_query(ignore_erased(judged)) %}
        {% do run_query(ignore_expired(judged)) %}
        {% do run_query(forget_older_reading(store, judged)) %}
        {% do run_query(rank_contested(store, judged, content)) %}
        {% do run_query(log_quarantined(store, judged, content)) %}
        {% do run_query(log_counts(judged)) %}
        {% call statement('main') %}{{ store_kept(store, judged, content) }}{% endcall %}
        {% do run_query(drop_steps(judged)) %}
    {% else %}
        {# No file of the feed is read tonight: the steps above would do nothing, in ten statements. #}
        {% call statement('main') %}drop table if exists {{ judged }}{% endcall %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [store]}) }}
{% endmaterialization %}
