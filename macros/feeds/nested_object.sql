{# What lies in one object of a row, and, where that is needed to tell, the object's text. #}
{% macro nested_object(feed, object) -%}
    {%- set shape = feed_shape(feed, object) -%}
    {%- if object in stored_objects(feed) %}
                nullif(sent."{{ object }}", '') as {{ object }}_text,
                from_json({{ object_text('sent."' ~ object ~ '"') }}, '{{ tojson(shape) }}') as sent_{{ object }}
    {%- else %}
                case
                    when row_defect is null
                        and coalesce({{ leaves('sent."' ~ object ~ '"', shape) | join(', ') }}) is null
                        then nullif(raw_row ->> '$.{{ object }}', '')
                end as {{ object }}_text,
                coalesce(
                    from_json({{ object_text(object ~ '_text') }}, '{{ tojson(shape) }}'), sent."{{ object }}"
                ) as sent_{{ object }}
    {%- endif -%}
{%- endmacro %}
