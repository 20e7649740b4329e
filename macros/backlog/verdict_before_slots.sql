{# The verdict of a proposal that takes no slot: noise, a double, or settled by a person; null of one that competes. #}
{% macro verdict_before_slots() -%}
    case
        when early_verdict is not null then early_verdict
        when status in ('approved', 'promoted') then 'already_' || status
        when subject_status is not null then 'already_' || subject_status
        when status = 'dismissed' and reopens_because is null then 'still_dismissed'
    end
{%- endmacro %}
