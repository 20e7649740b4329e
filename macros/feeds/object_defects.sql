{# The rules on an object that holds fields: whether it must be there, and that it is an object. #}
{% macro object_defects(feed, object) -%}
    {%- if (feed.objects[object] or {}).required %}
        when sent_{{ object }} is null and {{ object }}_text is null then {{ defect('missing_field', object) }}
    {%- endif %}
        when {{ object }}_text is not null and {{ object_text(object ~ '_text') }} is null
            then {{ defect('wrong_type', object ~ ' is no object') }}
{%- endmacro %}
