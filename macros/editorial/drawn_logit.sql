{# The logit of a promotion rate that is drawn to the usual one by so many decisions. #}
{% macro drawn_logit(record, strength, usual) -%}
    ln(
        (coalesce({{ record }}.promoted_count, 0) + {{ strength }} * {{ usual }})
        / (
            coalesce({{ record }}.decided_count - {{ record }}.promoted_count, 0)
            + {{ strength }} * (1 - {{ usual }})
        )
    )
{%- endmacro %}
