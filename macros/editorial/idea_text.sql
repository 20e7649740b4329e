{# A text as two tellings of one idea share it, in the contract's order: NFC, trimmed, white space collapsed,
   lower-cased, then stripped of all but letters, marks, digits and spaces (what that leaves is not collapsed again). #}
{% macro idea_text(text) -%}
    regexp_replace(
        lower(trim(regexp_replace(nfc_normalize(coalesce({{ text }}, '')), '[\s\v\x{1C}-\x{1F}\x{85}\p{Z}]+', ' ', 'g'))),
        '[^\p{L}\p{M}\p{Nd} ]', '', 'g'
    )
{%- endmacro %}
