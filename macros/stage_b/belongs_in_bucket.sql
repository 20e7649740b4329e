{# Whether a processed ticket belongs in a review bucket; which of several it lies in, the order of the seed says. #}
{% macro belongs_in_bucket(bucket) -%}
    {{ {
        'failure_malformed': 'processed.failure_reason is not null',
        'need_review': 'processed.need_review_reason is not null',
        'reflection_malformed': 'malformed.ticket_key is not null',
        'low_agreement': 'processed.has_low_agreement',
        'selection_manual_review': '(processed.needs_manual_review or processed.is_manual_review_recommended)',
        'none': 'true'
    }[bucket] }}
{%- endmacro %}
