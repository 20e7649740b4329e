{# Branches of a CASE over reason rules; an instant or object column stands beside its text, `<column>_text`. #}

{% macro bad_texts(required, optional=[]) -%}
    {%- for column in required %}
        when {{ column }} is null then {{ defect('missing_field', sent_name(column)) }}
    {%- endfor %}
    {%- for column in required + optional %}
        when {{ is_no_text(column) }} then {{ defect('wrong_type', sent_name(column)) }}
    {%- endfor %}
{%- endmacro %}

{% macro long_ids(columns) -%}
    {%- for column in columns %}
        when length({{ column }}) > 256 then {{ defect('id_too_long', sent_name(column)) }}
    {%- endfor %}
{%- endmacro %}

{% macro bad_instants(required, optional=[]) -%}
    {%- for column in required %}
        when nullif({{ column }}_text, '') is null then {{ defect('missing_field', sent_name(column)) }}
    {%- endfor %}
    {%- for column in required + optional %}
        when nullif({{ column }}_text, '') is not null and {{ column }} is null
            then {{ defect('unreadable_instant', sent_name(column)) }}
        when {{ column }} < timestamptz '2000-01-01' then {{ defect('instant_before_2000', sent_name(column)) }}
    {%- endfor %}
{%- endmacro %}

{% macro bad_choice(column, values) -%}
    when {{ column }} not in ('{{ values | join("', '") }}') then {{ defect('unknown_value', sent_name(column)) }}
{%- endmacro %}

{# The column is what the text was cast to: null beside a text that is there means that it is not of the type. #}
{% macro bad_casts(columns, type) -%}
    {%- for column in columns %}
        when nullif({{ column }}_text, '') is not null and {{ column }} is null
            then {{ defect('wrong_type', sent_name(column) ~ ' is no ' ~ type) }}
    {%- endfor %}
{%- endmacro %}
