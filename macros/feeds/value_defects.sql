{# Of the right type, but not a value that may be: too long, no instant, an unknown choice, out of range. #}
{% macro value_defects(feed, column) -%}
    {%- set text = sent_value(feed, column.path) -%}
    {%- set at_most = column.at_most or (256 if column.field == 'id') -%}
    {%- if at_most %}
        when length({{ column.name }}) > {{ at_most }} then {{ defect('id_too_long', column.path) }}
    {%- endif %}
    {%- if column.field == 'instant' %}
        when {{ is_read(feed, column) }}nullif({{ text }}, '') is not null and {{ column.name }} is null
            then {{ defect('unreadable_instant', column.path) }}
        when {{ column.name }} > timestamptz '9999-12-31 23:59:59.999999+00'
            then {{ defect('unreadable_instant', column.path) }}
        when {{ column.name }} < timestamptz '2000-01-01' then {{ defect('instant_before_2000', column.path) }}
    {%- endif %}
    {%- if column.field == 'choice' %}
        when {{ column.name }} not in ({{ choices(column) }}) then {{ defect('unknown_value', column.path) }}
    {%- endif %}
    {%- if column.between %}
        when not ({{ column.name }} >= {{ column.between[0] }} and {{ column.name }} <= {{ column.between[1] }})
            then {{ defect('confidence_out_of_range', column.path ~ ' is not within ' ~ column.between | join('..')) }}
    {%- endif %}
{%- endmacro %}
