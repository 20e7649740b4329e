{# What the texts of a cluster of issues may name, as {names} in seeds/backlog/backlog_texts.csv. #}
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
        'name': {{ cluster_name() }},
        'recurs': case when weeks_recurring > 1 then 'keeps recurring' else 'came up' end,
        'phases': {{ named_phases('phases') }},
        'week': period_key,
        'recurrence': {{ recurrence_in_words() }},
        'trend': coalesce(trend_data ->> '$.in_words', 'unknown'),
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
