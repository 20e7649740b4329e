{#
  Which rules a set of texts meets: columns candidate_id and hits, the rules that fired, by id. `texts` and `rules` are
  names of steps; `patterns` are those of rule_patterns. Words are made for fields only that a rule of words looks at.
#}
{% macro quality_hits(texts, rules, patterns) -%}
    select
        candidate_id,
        list(
            {
                'rule_id': rule_id, 'dimension': dimension, 'field': field, 'text_met': text_met,
                'penalty': penalty, 'is_hard_fail': is_hard_fail
            }
            order by rule_id
        ) as hits
    from (
        select
            texts.candidate_id,
            rules.*,
            main.quality_rule_met(rules.kind, texts.field_text, texts.words, rules.parameter) as text_met
        from (
            select
                *,
                case
                    when field in (
                        select field from {{ rules }}
                        where kind in ('min_tokens', 'starts_with_action_verb', 'blocklist')
                    ) then main.quality_words(field_text)
                end as words
            from {{ texts }}
        ) as texts
        inner join {{ rules }} as rules on texts.field = rules.field
        {%- if patterns %}
        where (rules.field, rules.kind, rules.parameter) not in (
            {%- for pattern in patterns %}
            ('{{ pattern['field'] }}', '{{ pattern['kind'] }}', {{ pattern['literal'] }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
        {%- endif %}
        {%- for pattern in patterns %}
        union all
        select
            texts.candidate_id,
            rules.*,
            main.quality_rule_met('{{ pattern['kind'] }}', texts.field_text, '', {{ pattern['literal'] }}) as text_met
        from {{ texts }} as texts
        inner join {{ rules }} as rules
            on
                rules.field = '{{ pattern['field'] }}'
                and rules.kind = '{{ pattern['kind'] }}'
                and rules.parameter = {{ pattern['literal'] }}
        where texts.field = '{{ pattern['field'] }}'
        {%- endfor %}
    )
    where text_met is not null
    group by candidate_id
{%- endmacro %}
