{# What the suggested updates of a cluster are about, and the evidence for them. No invariant named: one is to be stated. #}
{% macro cluster_targets() -%}
    {
        'invariants': invariant_ids,
        'policy_areas': ['workflow_phase:' || coalesce(phases[1], 'none')],
        'test_suites': ['signal:' || signal_type_top],
        'evidence': to_json({
            'period_key': period_key,
            'cluster_signature': cluster_signature,
            'event_ids': from_json(cluster_data -> '$.representative_examples[*].event_id', '["VARCHAR"]')
        })
    }
{%- endmacro %}
