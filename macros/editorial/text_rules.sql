{# The rules of text that a source could be given, each with what it makes of a title. #}
{% macro text_rules(title) -%}
    [
        {'value': 'collapse_spaces', 'text': regexp_replace(trim({{ title }}), '\s+', ' ', 'g')},
        {'value': 'strip_site_suffix', 'text': regexp_replace({{ title }}, '\s+[|–—-]\s+[^|–—]+$', '')},
        {'value': 'strip_trailing_punctuation', 'text': regexp_replace({{ title }}, '[\s.!…:;,-]+$', '')},
        {'value': 'strip_leading_number', 'text': regexp_replace({{ title }}, '^\s*\d+\s*[.):]\s*', '')},
        {'value': 'sentence_case', 'text': upper(left({{ title }}, 1)) || lower(substr({{ title }}, 2))},
        {'value': 'unescape_entities', 'text': replace(replace(replace(
            {{ title }}, '&#39;', ''''), '&quot;', '"'), '&amp;', '&')}
    ]
{%- endmacro %}
