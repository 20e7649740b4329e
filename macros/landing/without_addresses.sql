{#
  A text without e-mail addresses: those of any script, with what stands before the @ in quotes, and with their @ in a wide
  form or escaped as URLs and HTML do. Only texts that hold such an @ are searched: every stored text passes here.
  In the text of a JSON value a quote within a text is escaped; a bare one ends it, and must stand.
#}
{% macro without_addresses(text, is_json=false) -%}
    case
        when contains({{ text }}, '@') or contains({{ text }}, '＠') or contains({{ text }}, '%40')
            or contains({{ text }}, '&#')
            then regexp_replace(
                {{ text }},
                '(?:[\p{L}\p{N}\p{M}._%+!#$&*^~''-]+|\\"(?:[^"\\]|\\\\\\?.){1,64}\\"{% if not is_json %}|"(?:[^"\\]|\\.){1,64}"{% endif %})'
                || '(?:@|＠|%40|&#64\x3B|&#[xX]40\x3B)'
                || '(?:[\p{L}\p{N}\p{M}-]+(?:[.。．][\p{L}\p{N}\p{M}-]+)+|\[[0-9A-Fa-fIPv:.]+\])',
                '[email]', 'g'
            )
        else {{ text }}
    end
{%- endmacro %}
