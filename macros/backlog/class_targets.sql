{# What the suggested updates of a class of claims are about, and the evidence for them. #}
{% macro class_targets() -%}
    {
        'invariants': ['calibration:' || claim_class],
        'policy_areas': ['confirmation:' || claim_class],
        'test_suites': ['claims:' || claim_class],
        'evidence': to_json({
            'period_key': period_key,
            'claim_class': claim_class,
            'parser_version': parser_version,
            'sample_count': sample_count
        })
    }
{%- endmacro %}
