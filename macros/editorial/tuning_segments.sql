{# The changes that would touch an item, each with its direction, its value, and whether the item speaks for it. #}
{% macro tuning_segments(items, states) -%}
    {%- set tenth = "format('{:.2f}', tenth / 10.0)" -%}
    case {{ items }}.item_type
        when 'candidate' then [
            {'kind': 'include_pattern', 'direction': 'add', 'value': {{ items }}.url_folder, 'is_success': {{ items }}.is_success},
            {'kind': 'include_pattern', 'direction': 'remove', 'value': {{ items }}.url_folder, 'is_success': {{ items }}.is_success},
            {'kind': 'exclude_pattern', 'direction': 'add', 'value': {{ items }}.url_folder, 'is_success': {{ items }}.is_success},
            {'kind': 'exclude_pattern', 'direction': 'remove', 'value': {{ items }}.url_folder, 'is_success': {{ items }}.is_success},
            {'kind': 'selector_priority', 'direction': 'prefer', 'value': {{ items }}.selector, 'is_success': {{ items }}.is_success},
            {'kind': 'selector_priority', 'direction': 'demote', 'value': {{ items }}.selector, 'is_success': {{ items }}.is_success},
            {'kind': 'pause', 'direction': 'pause', 'value': 'all', 'is_success': {{ items }}.is_success},
            {'kind': 'pause', 'direction': 'resume', 'value': 'all', 'is_success': {{ items }}.is_success}
        ] || [
            {'kind': 'quality_threshold', 'direction': 'raise', 'value': {{ tenth }}, 'is_success': {{ items }}.is_success}
            for tenth in range(3, 10) if {{ rounded(items ~ '.total') }} < {{ rounded('tenth / 10.0') }}
        ] || [
            {'kind': 'quality_threshold', 'direction': 'lower', 'value': {{ tenth }}, 'is_success': {{ items }}.is_success}
            for tenth in range(1, 10)
            if {{ rounded(items ~ '.total') }} >= {{ rounded('tenth / 10.0') }}
                and {{ rounded(items ~ '.total') }} < {{ rounded(states ~ '.quality_threshold') }}
        ]
        when 'edit' then [
            {'kind': 'text_normalisation_rule', 'direction': 'add', 'value': rule.value,
                'is_success': list_contains({{ items }}.fitting_rules, rule.value)}
            for rule in {{ text_rules("''") }}
        ]
        else [
            {'kind': 'run_frequency', 'direction': 'less', 'value': 'less often', 'is_success': {{ items }}.is_success},
            {'kind': 'run_frequency', 'direction': 'more', 'value': 'more often', 'is_success': {{ items }}.has_promoted}
        ]
    end
{%- endmacro %}
