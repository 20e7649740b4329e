{# Whether a processed ticket belongs in a review bucket; which of several it lies in, the order of the seed says. #}
{% macro belongs_in_bucket(bucket) -%}
    case {{ bucket }}
        when 'failure_malformed' then processed.failure_reason is not null
        when 'need_review' then processed.need_review_reason is not null
        when 'reflection_malformed' then malformed.ticket_key is not null
        when 'low_agreement' then processed.has_low_agreement
        when 'selection_manual_review' then processed.needs_manual_review or processed.is_manual_review_recommended
        when 'none' then true
    end
{%- endmacro %}
