{#
  Tonight's rows of a feed: each declared column typed but not yet without names and addresses, and `defect`, the first
  rule of a single field that the row breaks. A model adds what it derives and the rules that no single field can say,
  then `kept_rows`. Objects that hold fields may come as they are, or as a text of them (CSV, Parquet): to the structure
  such a text looks like an empty object, and only then is it looked at again. What is written by the declaration is not
  spelled out for the linter: that was a quarter of its time.
#}
{% macro typed_rows() -%}
    {%- if not execute or env_var('LEARNING_LOOP_LINT', '') -%} select * from {{ ref('landing_rows') }}
    {%- else -%}
    {%- set feed = declared_feed() -%}
    {%- set fields = feed.columns | selectattr('field', 'defined') | list -%}
    {%- set shape = feed_shape(feed) -%}
    select
        * exclude (sent{% for object in nested_objects(feed) %}, sent_{{ object }}{% endfor %}),
        false as is_ignored,
        {{ field_defects(feed, fields) }} as defect
    from (
        select
            source_file, row_number, raw_row, row_defect, sent,
            {%- for object in nested_objects(feed) %} sent_{{ object }}, {{ object }}_text,{% endfor %}
            {%- for column in fields %}
            {{ applies(feed, column, field_value(column, sent_value(feed, column.path))) }} as {{ column.name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                *,
                {%- for object in nested_objects(feed) %}
                {{ nested_object(feed, object) }}{{ ',' if not loop.last }}
                {%- endfor %}
            from (
                select *, case when row_defect is null then from_json(raw_row, '{{ tojson(shape) }}') end as sent
                from (
                    select source_file, row_number, raw_row, {{ row_defect('raw_row') }} as row_defect
                    from {{ ref('landing_rows') }} where feed = '{{ feed.feed }}'
                )
            )
        )
    )
    {%- endif -%}
{%- endmacro %}
