{#
  Which rules a set of texts meets: columns candidate_id and hits, the rules that fired, by id. `texts` and `rules` are
  names of steps; the first has a column for each of `fields`. What known_rules names is asked as literals, all in one
  pass; any other rule from its columns, so that rows alone decide what is met. Words are made once for a text, of fields
  only that a rule of words looks at; where those are blocklists alone, only of texts that may hold one of the terms.
#}
{% macro quality_hits(texts, rules, fields, known) -%}
    {%- set asked, worded, blocked = [], [], {} -%}
    {%- for rule in known if rule['field'] in fields -%}
        {%- do asked.append(rule) -%}
        {%- if rule['kind'] in ('min_tokens', 'starts_with_action_verb') -%}{%- do worded.append(rule['field']) -%}{%- endif -%}
        {%- if rule['kind'] == 'blocklist' -%}
            {%- do blocked.setdefault(rule['field'], []).append(rule['terms']) -%}
        {%- endif -%}
    {%- endfor -%}
    with

    known as (
        {%- if asked %}
        select * from (values
            {%- for rule in asked %}
            ({{ loop.index }}, '{{ rule['field'] }}', '{{ rule['kind'] }}', {{ rule['literal'] }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as listed (place, field, kind, parameter)
        {%- else %}
        select 0 as place, field, kind, parameter from {{ rules }} where false
        {%- endif %}
    ),

    met as (
        {%- if asked %}
        select told.candidate_id, told.text_met, known.* exclude (place)
        from (
            select
                candidate_id,
                unnest(range(1, {{ asked | length + 1 }})) as place,
                unnest([
                    {%- for rule in asked %}
                    {%- set is_blocklist = rule['kind'] == 'blocklist' %}
                    {%- set words = rule['field'] ~ '_words' if rule['field'] in worded or is_blocklist else "''" %}
                    {% if is_blocklist %}case when is_{{ rule['field'] }}_suspect then {% endif -%}
                    main.quality_rule_met('{{ rule['kind'] }}', {{ rule['field'] }}, {{ words }}, {{ rule['literal'] }})
                    {%- if is_blocklist %} end{% endif %}{{ ',' if not loop.last }}
                    {%- endfor %}
                ]) as text_met
            from (
                select
                    *
                    {%- for field in worded | unique %},
                    main.quality_words({{ field }}) as {{ field }}_words
                    {%- endfor %}
                    {%- for field in blocked if field not in worded %},
                    case when is_{{ field }}_suspect then main.quality_words({{ field }}) end as {{ field }}_words
                    {%- endfor %}
                from (
                    select
                        *
                        {%- for field, terms in blocked.items() %},
                        regexp_matches(lower({{ field }}), '{{ terms | join('|') }}') as is_{{ field }}_suspect
                        {%- endfor %}
                    from {{ texts }}
                )
            )
        ) as told
        inner join known on told.place = known.place
        where told.text_met is not null
        union all
        {%- endif %}
        select
            texts.candidate_id,
            main.quality_rule_met(others.kind, texts.field_text, texts.words, others.parameter) as text_met,
            others.*
        from (
            select
                candidate_id, field, field_text, main.quality_words(field_text) as words
            from (
                select
                    candidate_id,
                    unnest([
                        {%- for field in fields %}
                        {'field': '{{ field }}', 'field_text': {{ field }}}{{ ',' if not loop.last }}
                        {%- endfor %}
                    ], recursive := true)
                from {{ texts }}
            )
        ) as texts
        inner join (
            select distinct field, kind, parameter from {{ rules }}
            anti join known using (field, kind, parameter)
            where field in ('{{ fields | join("', '") }}')
        ) as others on texts.field = others.field
    )

    select
        met.candidate_id,
        list_sort(list({
            'rule_id': rules.rule_id, 'dimension': rules.dimension, 'field': rules.field, 'text_met': met.text_met,
            'penalty': rules.penalty, 'is_hard_fail': rules.is_hard_fail
        })) as hits
    from met
    inner join {{ rules }} as rules
        on met.field = rules.field and met.kind = rules.kind and met.parameter = rules.parameter
    where met.text_met is not null
    group by met.candidate_id
{%- endmacro %}
