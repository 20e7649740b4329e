{# True where a masked text names a field for persons, or the object around one, in any other form, as in JSON within a text. #}
{% macro names_persons(masked) -%}
    {%- set fields = person_fields() -%}
    {%- set named = '(?i:' ~ fields.names | join('|') ~ ')' -%}
    {%- set ref = '(?i:' ~ fields.refs | join('|') ~ ')' -%}
    regexp_matches(
        regexp_replace(
            regexp_replace({{ masked }}, '"{{ named }}":(?:"\[user\]"|null)', '', 'g'),
            '"{{ ref }}":(?:\{,*\}|null)', '', 'g'
        ),
        '{{ named }}|{{ ref }}'
    )
{%- endmacro %}
