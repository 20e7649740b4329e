{# The bar of a change that is held to one; null where two groups are compared. #}
{% macro tuning_bar(change, policy) -%}
    case {{ change }}.kind || ' ' || {{ change }}.direction
            when 'pause pause' then {{ policy }}.pause_promotion_below
            when 'pause resume' then {{ policy }}.show_promotion_above
            when 'quality_threshold lower' then {{ policy }}.show_promotion_above
            when 'run_frequency less' then {{ policy }}.run_yield_below
            when 'run_frequency more' then {{ policy }}.run_yield_above
            when 'text_normalisation_rule add' then {{ policy }}.text_rule_share_above
        end
{%- endmacro %}
