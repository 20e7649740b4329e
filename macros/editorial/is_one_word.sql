{# Whether two different words are one: mistyped by a letter (long ones by two), or two forms of it. #}
{% macro is_one_word(x, y) -%}
    (
        least(length({{ x }}), length({{ y }})) >= typo_letters
        and damerau_levenshtein({{ x }}, {{ y }}) <= if(least(length({{ x }}), length({{ y }})) >= long_letters, 2, 1)
        or least(length({{ x }}), length({{ y }})) >= stem_letters
        and left({{ x }}, stem_letters) = left({{ y }}, stem_letters)
    )
{%- endmacro %}
