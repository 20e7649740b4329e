{# What is read of an event's `data`. Every leaf is text, so that a wrong type is seen and not cast
   to null; confidence keeps its JSON form, since a number in quotes is no number. #}
{% macro event_data_shape() -%}
    {
        "signal_type": "VARCHAR", "category": "VARCHAR", "captured_at": "VARCHAR", "cluster_signature": "VARCHAR",
        "user_ref": {"pseudonymized_user_id": "VARCHAR"},
        "signature": {
            "issue_type": "VARCHAR", "invariant_id": "VARCHAR", "agent_version": "VARCHAR",
            "workflow_phase": "VARCHAR", "modality": "VARCHAR", "confidence_band": "VARCHAR"
        },
        "attributes": {"mismatch_severity": "VARCHAR"},
        "claim_type": "VARCHAR", "confidence": "JSON",
        "provenance": {"parser_version": "VARCHAR"}, "lineage": {"event_id": "VARCHAR"},
        "target_event_id": "VARCHAR", "changed_fields": "VARCHAR",
        "retracted_event_id": "VARCHAR"
    }
{%- endmacro %}
