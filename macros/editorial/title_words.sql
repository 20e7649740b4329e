{# The words of a title: runs of letters, marks and digits, lower-cased. Scripts that write no spaces between words are
   cut into overlapping pairs of characters, for no dictionary is at hand. Each word once. #}
{% macro title_words(title) -%}
    {%- set unspaced = '\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}' -%}
    list_distinct(flatten([
        case
            when length(token) > 2 and regexp_matches(token, '[{{ unspaced }}]')
                then [substr(token, place, 2) for place in range(1, length(token))]
            else [token]
        end
        for token in regexp_extract_all(
            regexp_replace(lower(nfc_normalize({{ title }})), '([{{ unspaced }}][{{ unspaced }}\p{M}ー]*)', ' \1 ', 'g'),
            '[\p{L}\p{M}\p{Nd}]+'
        )
    ]))
{%- endmacro %}
