{# The treatment's share of a planned split whose two weights stand at these paths; null where they do not. #}
{% macro split_share(control_path, treatment_path) -%}
    case when json_valid(planned_split) then
        try_cast(planned_split::json ->> '{{ treatment_path }}' as double) / nullif(
            try_cast(planned_split::json ->> '{{ control_path }}' as double)
            + try_cast(planned_split::json ->> '{{ treatment_path }}' as double), 0
        )
    end
{%- endmacro %}
