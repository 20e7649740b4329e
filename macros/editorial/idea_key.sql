{# What a source tells, as a key: one idea told twice has one key. #}
{% macro idea_key(source_key, source_url, title, description) -%}
    sha256(
        {{ idea_text(source_key) }} || '|' || {{ idea_text(source_url) }} || '|'
        || {{ idea_text(title) }} || '|' || {{ idea_text(description) }}
    )
{%- endmacro %}
