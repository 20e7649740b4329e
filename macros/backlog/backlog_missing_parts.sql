{# The auto steps of the checklist whose part a proposal lacks. #}
{% macro backlog_missing_parts() -%}
    [
        step_id
        for step_id in [
            case when coalesce(root_cause_hypothesis, '') = '' then 'root_cause_hypothesis_attached' end,
            case when len(coalesce(invariant_updates, [])) + len(coalesce(policy_updates, [])) = 0
                then 'invariant_policy_mapping' end,
            case when len(coalesce(regression_tests, [])) = 0 then 'regression_test_plan' end
        ]
        if step_id is not null
    ]
{%- endmacro %}
