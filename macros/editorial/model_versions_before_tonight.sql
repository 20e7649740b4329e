{# The weeks for which the log of models has a version under a set of features, without a dependency: the log itself
   depends on what is found here. #}
{% macro model_versions_before_tonight() -%}
    {%- set log = adapter.get_relation(
        database=target.database, schema=target.schema, identifier='model_versions'
    ) if execute else none -%}
    {% if log -%}
    select distinct trained_until, feature_set from {{ log }}
    {%- else -%}
    select null::timestamptz as trained_until, null::integer as feature_set where false
    {%- endif %}
{%- endmacro %}
