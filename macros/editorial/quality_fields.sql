{# The texts of a candidate that a rule may look at, each by the name that rules give it. A text that is missing is
   empty, so that a rule on its length fires. #}
{% macro quality_fields() -%}
    {{ return({
        'title': "coalesce(title, '')",
        'description': "coalesce(description, '')",
        'raw_excerpt': "coalesce(raw_excerpt, '')",
        'text': "concat_ws(' ', title, description)",
        'source_url': "coalesce(source_url, '')",
        'selector': "coalesce(selector, '')",
        'strategy': 'strategy',
        'parser_flags': "coalesce(array_to_string(parser_flags, ' '), '')"
    }) }}
{%- endmacro %}
