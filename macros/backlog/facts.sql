{# What the texts of a candidate may name, as {names} in seeds/backlog/backlog_texts.csv. #}
{% macro cluster_facts() -%}
    map {
        'signal': signal_type_top,
        'signal_words': replace(signal_type_top, '_', ' '),
        'signature': cluster_signature,
        'subject': concat_ws(
            '; ',
            'issue ' || nullif(array_to_string(issue_types, ', '), ''),
            coalesce('invariant ' || nullif(array_to_string(invariant_ids, ', '), ''), 'no invariant named')
        ),
        'issue': coalesce(
            nullif(array_to_string(issue_types[1:2], ', '), ''), nullif(array_to_string(invariant_ids[1:2], ', '), ''),
            cluster_signature
        ),
        'phases': {{ named_phases("from_json(cluster_data -> '$.affected_workflow_phases', '[\"VARCHAR\"]')") }},
        'week': period_key,
        'weeks': array_to_string(period_keys, ', '),
        'week_count': len(period_keys)::varchar,
        'events': event_count::varchar,
        'users': unique_users::varchar,
        'min_events': min_support::varchar,
        'min_users': min_unique_users::varchar,
        'score': {{ shown_number('score') }},
        'severity': {{ shown_number('severity') }},
        'impact': {{ shown_number('impact') }},
        'first_seen': strftime(first_seen_at, '%Y-%m-%d %H:%M'),
        'last_seen': strftime(last_seen_at, '%Y-%m-%d %H:%M'),
        'examples': array_to_string(from_json(cluster_data -> '$.representative_examples[*].event_id', '["VARCHAR"]'), ', ')
    }
{%- endmacro %}

{# The commonest phases by name; a title is no list. #}
{% macro named_phases(phases) -%}
    case
        when coalesce(len({{ phases }}), 0) = 0 then 'no named phase'
        when len({{ phases }}) = 1 then 'phase ' || {{ phases }}[1]
        else
            'phases ' || array_to_string({{ phases }}[1:3], ', ')
            || case when len({{ phases }}) > 3 then ' and ' || (len({{ phases }}) - 3) || ' more' else '' end
    end
{%- endmacro %}

{% macro class_facts() -%}
    map {
        'claim_class': claim_class,
        'claim_field': string_split(claim_class, '.')[-1],
        'parser_version': parser_version,
        'calibration_status': coalesce(details ->> '$.calibration_status', 'unknown'),
        'drift_status': coalesce(details ->> '$.drift_status', 'unknown'),
        'drift_delta': coalesce({{ shown_number("(details ->> '$.drift_delta_brier')::double") }}, 'unknown'),
        'recall': coalesce({{ shown_number("(details ->> '$.recall_high_conf')::double") }}, 'unknown'),
        'matured_share': coalesce({{ shown_number("(details ->> '$.matured_share')::double") }}, 'unknown'),
        'week': period_key,
        'weeks': array_to_string(period_keys, ', '),
        'brier': {{ shown_number('brier_score') }},
        'precision': coalesce({{ shown_number('precision_high_conf') }}, 'unknown'),
        'samples': sample_count::varchar
    }
{%- endmacro %}

{# A share as people read it: three decimals. #}
{% macro shown_number(value) -%}
    printf('%.3f', {{ value }})
{%- endmacro %}

{# A template with its {names} replaced by the facts. Split, not replaced one by one: a fact may hold braces itself. #}
{% macro filled_text(template, facts) -%}
    {%- set parts = "string_split(translate(" ~ template ~ ", '}', '{'), '{')" -%}
    array_to_string(
        [
            case when turn % 2 = 1 then {{ parts }}[turn] else coalesce({{ facts }}[{{ parts }}[turn]], 'unknown') end
            for turn in range(1, len({{ parts }}) + 1)
        ],
        ''
    )
{%- endmacro %}
