{# Which rules a set of texts meets: columns candidate_id and hits, the rules that fired, by id. #}
{% macro quality_hits(texts, rules) -%}
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
        from (select *, main.quality_words(field_text) as words from {{ texts }}) as texts
        inner join {{ rules }} as rules on texts.field = rules.field
    )
    where text_met is not null
    group by candidate_id
{%- endmacro %}
