{#
  What of a bad row may be kept for people to look at: no raw user ids, no addresses, at most 2 KiB. The ids are looked
  for as JSON writes them, and once more as JSON within a JSON text writes them (with \").
#}
{% macro quarantine_text(raw_row) -%}
    {%- set named = '(?:pseudonymized_user_id|actor_user_id|user_id|raised_by)' -%}
    {%- set content = "regexp_replace(" ~ raw_row ~ ", '^![a-z0-9_]+![^!]*!', '')" -%}
    {%- set masked = "regexp_replace(" ~ content ~ ", '(\"" ~ named
        ~ "\"\\s*:\\s*)(?:\"(?:[^\"\\\\]|\\\\.)*\"?|[^,}\\]]*)', '\\1\"[user]\"', 'g')" -%}
    {%- set masked_within_text = "regexp_replace(" ~ masked ~ ", '(?s)(\\\\\"" ~ named
        ~ "\\\\\"\\s*:\\s*).*?(\\\\\"[,} ]|[,}]|$)', '\\1[user]\\2', 'g')" -%}
    left({{ redacted(masked_within_text) }}, 2048)
{%- endmacro %}
