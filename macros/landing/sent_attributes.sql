{# What a signal bears as attributes, as text: null where that is nothing, which is most often so and costs no more then. #}
{% macro sent_attributes() -%}
    case
        when row_defect is null and event_type = 'learning.signal.logged'
            then nullif(coalesce(raw_row ->> '$.data.attributes', {{ object_text('data_text') }} ->> '$.attributes'), '{}')
    end
{%- endmacro %}
