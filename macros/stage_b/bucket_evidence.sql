{# What put a ticket in its review bucket, as JSON of the bucket's own facts. #}
{% macro bucket_evidence() -%}
    case review_bucket
        when 'failure_malformed' then to_json({'reason': failure_reason})
        when 'need_review' then to_json({
            'reason_code': need_review_reason, 'verdict': verdict, 'gt_label': gt_label, 'label_match': label_match
        })
        when 'reflection_malformed' then to_json({
            'reflection_id': malformed_evidence.reflection_id,
            'error_type': malformed_evidence.error_type,
            'global_step': malformed_evidence.global_step,
            'reflection_cycle': reflection_cycle
        })
        when 'low_agreement' then to_json({'low_agreement': true, 'vote_strength': vote_strength})
        when 'selection_manual_review' then to_json({
            'needs_manual_review': needs_manual_review,
            'manual_review_recommended': is_manual_review_recommended
        })
        else to_json({'verdict': verdict, 'label_match': label_match})
    end
{%- endmacro %}
