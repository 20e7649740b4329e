{#
  What a proposal suggests, as objects that a program can act on: what kind of thing, which one, what to do, on what
  evidence. One per sentence and target; of a kind that names no target the target is null: it is still to be made.
#}
{% macro suggested_updates(texts, targets) -%}
    case when {{ texts }}.title is not null then to_json({
        {%- for part, kind, ids in [
            ('invariant_updates', 'invariant', 'invariants'), ('policy_updates', 'policy_area', 'policy_areas'),
            ('regression_tests', 'test_suite', 'test_suites')
        ] %}
        '{{ part }}': flatten([
            [
                {'kind': '{{ kind }}', 'target_id': target, 'text': sentence, 'evidence': {{ targets }}.evidence}
                for target in case when len({{ targets }}.{{ ids }}) = 0 then [null] else {{ targets }}.{{ ids }} end
            ]
            for sentence in {{ texts }}.{{ part }}
        ]){{ ',' if not loop.last }}
        {%- endfor %}
    }) end
{%- endmacro %}
