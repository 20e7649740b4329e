{#
  The guardrails of a logged proposal, held to the bars of a policy row. That a class needs an alarm is a bar of its own:
  it is there when the policy asks for one. A bar that the policy does not name stays as it was logged.
#}
{% macro retried_rails(logged, policy, evidence_policy) -%}
    [
        {
            'guardrail': rail.guardrail,
            'measured': rail.measured,
            'bar': coalesce((to_json({{ policy }}) ->> rail.guardrail)::double, rail.bar),
            'is_passed': case
                when (to_json({{ policy }}) ->> rail.guardrail) is null then rail.is_passed
                else {{ reaches_bar('rail.measured', '(to_json(' ~ policy ~ ') ->> rail.guardrail)') }}
            end
        }
        for rail in {{ logged }}.rails
        if rail.guardrail != 'within_chance'
    ]
    || case
        when {{ logged }}.source_type = 'extraction_calibration' and {{ evidence_policy }}.require_evidence
            then [{
                'guardrail': 'within_chance',
                'measured': {{ measured_at(logged ~ '.rails', 'within_chance') }},
                'bar': [rail.bar for rail in {{ logged }}.rails if rail.guardrail = 'within_chance'][1],
                'is_passed': {{ logged }}.has_alarm
            }]
        else []
    end
{%- endmacro %}
