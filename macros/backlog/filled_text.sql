{# A template with its {names} replaced by the facts. Split, not replaced one by one: a fact may hold braces itself. #}
{% macro filled_text(template, facts) -%}
    {%- set parts = "string_split(translate(" ~ template ~ ", '}', '{'), '{')" -%}
    array_to_string(
        [
            case when turn % 2 = 1 then {{ parts }}[turn] else coalesce({{ facts }}[{{ parts }}[turn]], 'unknown') end
            for turn in range(1, len({{ parts }}) + 1)
        ],
        ''
    )
{%- endmacro %}
