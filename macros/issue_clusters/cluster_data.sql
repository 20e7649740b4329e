{# The machine-readable side of a cluster, in the contract's order of keys. #}
{% macro cluster_data() -%}
    to_json({
        'summary': format(
            '{}: {} events of {} people in {}', signal_types[1], event_count, unique_users, period_key
        ),
        'signature': {'cluster_signature': cluster_signature, 'signal_type_top': signal_types[1]},
        'score_factors': {
            'frequency': frequency,
            'severity': severity,
            'impact': impact,
            'reproducibility': reproducibility,
            'formula': 'round(frequency * severity * impact * reproducibility, 6)'
        },
        'aggregates': {
            'event_count': event_count,
            'unique_pseudo_users': unique_users,
            'first_seen_at': {{ iso_instant('first_seen_at') }},
            'last_seen_at': {{ iso_instant('last_seen_at') }},
            'signal_type_counts': signal_type_counts,
            'dominance_dropped_events': dominance_dropped_count,
            'score_factors': {
                'frequency': frequency,
                'severity': severity,
                'impact': impact,
                'reproducibility': reproducibility
            },
            'affected_workflow_phases': coalesce(affected_workflow_phases, []),
            'trend': case when period_granularity = 'week' then {
                'trend': trend,
                'in_words': {{ trend_in_words() }},
                'events': trend_events::bigint,
                'events_before': trend_events_before::bigint,
                'weeks_before': trend_weeks_before,
                'days': trend_days,
                'ratio': trend_ratio,
                'ratio_lower': trend_ratio_lower,
                'ratio_upper': trend_ratio_upper,
                'overdispersion': trend_overdispersion
            } end
        },
        'affected_workflow_phases': coalesce(affected_workflow_phases, []),
        'representative_examples': [
            {
                'event_id': example.event_id,
                'captured_at': {{ iso_instant('example.captured_at') }},
                'signal_type': example.signal_type,
                'pseudo_user': example.user
            }
            for example in examples
        ],
        'false_positive_controls': {
            'min_support': min_support,
            'min_unique_users': min_unique_users,
            'max_events_per_user_per_bucket': max_events_per_user_per_bucket,
            'include_low_confidence': include_low_confidence,
            'low_confidence_dropped': low_confidence_count,
            'dominance_dropped': dominance_dropped_count
        }
    })
{%- endmacro %}
