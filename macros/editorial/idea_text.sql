{# A text as two tellings of one idea share it, in the contract's order: NFC, trimmed, white space collapsed,
   lower-cased, then stripped of all but letters, marks, digits and spaces (what that leaves is not collapsed again).
   A space alone between words is passed over: to replace each by itself was half of the cost. `blank` is `white` but it. #}
{% macro idea_text(text) -%}
    {%- set white = '[\\s\\v\\x{1C}-\\x{1F}\\x{85}\\p{Z}]' -%}
    {%- set blank = '[\\t\\n\\v\\f\\r\\x{1C}-\\x{1F}\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}]' -%}
    regexp_replace(
        lower(trim(regexp_replace(
            nfc_normalize(coalesce({{ text }}, '')), ' ?{{ blank }}{{ white }}*| {2}{{ white }}*', ' ', 'g'
        ))),
        '[^\p{L}\p{M}\p{Nd} ]+', '', 'g'
    )
{%- endmacro %}
