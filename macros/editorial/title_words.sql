{# The words of a title, in their order: runs of letters, marks and digits, lower-cased, without what only writes a
   letter for a machine (&amp;), an owner's 's, or the comma of a thousand. Scripts that write no spaces between words
   are cut into overlapping pairs of characters, for no dictionary is at hand. #}
{% macro title_words(title) -%}
    {%- set unspaced = '\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}' -%}
    {%- set lowered = 'lower(nfc_normalize(' ~ title ~ '))' -%}
    {%- set plain = "regexp_replace(" ~ lowered ~ ", '&#?\\w+;|[''’]s\\b', ' ', 'g')" -%}
    {%- set digits = "regexp_replace(" ~ plain ~ ", '(\\d),(\\d\\d\\d)\\b', '\\1\\2', 'g')" -%}
    case
        when regexp_matches({{ lowered }}, '[{{ unspaced }}]')
            then flatten([
                case
                    when length(token) > 2 and regexp_matches(token, '[{{ unspaced }}]')
                        then [substr(token, place, 2) for place in range(1, length(token))]
                    else [token]
                end
                for token in regexp_extract_all(
                    regexp_replace({{ digits }}, '([{{ unspaced }}][{{ unspaced }}\p{M}ー]*)', ' \1 ', 'g'),
                    '[\p{L}\p{M}\p{Nd}]+'
                )
            ])
        else regexp_extract_all({{ digits }}, '[\p{L}\p{M}\p{Nd}]+')
    end
{%- endmacro %}
