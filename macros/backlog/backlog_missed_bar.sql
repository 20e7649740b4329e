{# The bar that a proposal missed, with what it measured: of the noise filters the first, of the slots its rank. #}
{% macro backlog_missed_bar() -%}
    case {{ backlog_verdict() }}
        when 'filtered_noise' then slots.missed_guardrail
        when 'limited_by_source' then {
            'guardrail': 'max_candidates_per_source',
            'measured': slots.rank_in_source::double,
            'bar': slots.max_candidates_per_source::double,
            'is_passed': false
        }
        when 'limited_by_run' then {
            'guardrail': 'max_candidates_per_run',
            'measured': slots.rank_in_run::double,
            'bar': slots.max_candidates_per_run::double,
            'is_passed': false
        }
        when 'still_dismissed' then case when slots.source_type = 'issue_cluster' then {
            'guardrail': 'evidence_that_its_rate_rose',
            'measured': {{ rounded('slots.evidence_risen', 6) }},
            'bar': slots.evidence_bar,
            'is_passed': false
        } else {
            'guardrail': 'reopen_min_priority_gain',
            'measured': {{ rounded('slots.priority_score - slots.dismissed_priority_score') }},
            'bar': slots.reopen_min_priority_gain::double,
            'is_passed': false
        } end
    end
{%- endmacro %}
