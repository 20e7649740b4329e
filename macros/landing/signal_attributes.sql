{#
  The beginning of a signal's attributes, for people to open an example: at most 1 KiB, without the person whose signal
  it is, the values of fields for persons, and addresses. Attributes that name such a field in another form are not kept.
  Each step is the one element of a list, so that the next ones can mention it without making it again.
#}
{% macro signal_attributes(sent) -%}
    case when {{ sent }} is not null then (
        [
            {{ at_most_bytes('kept', 1024) }}
            for kept in [
                {{ redacted('own', is_json=true) }}
                for own in [
                    case
                        when {{ names_persons('masked') }} then null
                        when strlen(user_id) >= 4 then replace(masked, user_id, '[user]')
                        else replace(masked, '"' || user_id || '"', '"[user]"')
                    end
                    for masked in [nullif({{ masked_persons(object_text(sent)) }}, '{}')]
                ]
            ]
        ][1]
    ) end
{%- endmacro %}
