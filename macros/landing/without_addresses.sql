{#
  A text without e-mail addresses: those of any script, and with their @ in a wide form or escaped as URLs and HTML do.
  Only texts that hold such an @ are searched: every stored text passes here.
#}
{% macro without_addresses(text) -%}
    case
        when contains({{ text }}, '@') or contains({{ text }}, '＠') or contains({{ text }}, '%40')
            or contains({{ text }}, '&#')
            then regexp_replace(
                {{ text }},
                '[\p{L}\p{N}\p{M}._%+''-]+(?:@|＠|%40|&#64\x3B|&#[xX]40\x3B)[\p{L}\p{N}\p{M}-]+(?:[.。．][\p{L}\p{N}\p{M}-]+)+',
                '[email]', 'g'
            )
        else {{ text }}
    end
{%- endmacro %}
