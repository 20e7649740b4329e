{# A person's stable stand-in: u_ + 24 hex digits of sha256("<salt>:<id>"). The salt is a function of the run, so that it
   stands in no SQL text; a value that starts with u_ was already hashed by the sender. #}
{% macro pseudonym(user_id) -%}
    case
        when {{ user_id }} is null then null
        else 'u_' || left(sha256(run.salt() || ':' || {{ user_id }}), 24)
    end
{%- endmacro %}
