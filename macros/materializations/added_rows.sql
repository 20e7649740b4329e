{# The SQL that adds tonight's rows to a table; with a unique key, in the place of those that have the same. #}
{% macro added_rows(target) -%}
    {%- if config.get('unique_key') -%}
        {%- set tonight = 'tonight_' ~ target.identifier -%}
        {%- set keys = [config.get('unique_key')] if config.get('unique_key') is string else config.get('unique_key') -%}
        create temp table {{ tonight }} as (
            {{ compiled_code }}
        );
        delete from {{ target }} using {{ tonight }}
        where {% for key in keys %}{{ target }}.{{ key }} = {{ tonight }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %};
        insert into {{ target }} by name from {{ tonight }}
    {%- else -%}
        insert into {{ target }} by name (
            {{ compiled_code }}
        )
    {%- endif -%}
{%- endmacro %}
