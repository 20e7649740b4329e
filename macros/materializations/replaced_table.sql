{# The SQL (of a Python model: the code) that builds the model as a table, in the place of the one there was. #}
{% macro replaced_table(target) -%}
    {%- if model.language == 'python' -%}
        {{ compiled_code }}

def materialize(df, con):
    con.register('tonight_{{ target.identifier }}', df)
    con.execute('create or replace table {{ target }} as from tonight_{{ target.identifier }}')
    con.unregister('tonight_{{ target.identifier }}')
    {%- elif config.get('contract').enforced -%}
        {{- get_assert_columns_equivalent(compiled_code) -}}
        create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
        insert into {{ target }} by name (
            {{ compiled_code }}
        )
    {%- else -%}
        create or replace table {{ target }} as (
            {{ compiled_code }}
        )
    {%- endif -%}
{%- endmacro %}
