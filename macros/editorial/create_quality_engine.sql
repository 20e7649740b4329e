{#
  The rule engine: one SQL function, kept in the warehouse so that `learning-loop rules try` asks the same one.
  quality_rule_met(kind, field_text, words, parameter) is the text that met the rule, null when it did not fire. Words are
  compared lower-cased without punctuation (quality_words, once for a text); `|` separates the terms of a parameter.
  A single space between words stays as it is: to replace each by itself was most of what words cost.
#}
{% macro create_quality_engine() %}
    create or replace macro main.quality_words(field_text) as
        ' ' || trim(regexp_replace(
            lower(field_text), ' ?[^\p{L}\p{M}\p{N} ][^\p{L}\p{M}\p{N}]*| {2}[^\p{L}\p{M}\p{N}]*', ' ', 'g'
        )) || ' ';
    create or replace macro main.quality_rule_met(kind, field_text, words, parameter) as
        case kind
            when 'url_pattern' then
                case when regexp_matches(field_text, parameter) then left(regexp_extract(field_text, parameter), 80) end
            when 'pattern' then
                case when regexp_matches(field_text, parameter) then left(regexp_extract(field_text, parameter), 80) end
            when 'min_chars' then
                case when length(trim(field_text)) < try_cast(parameter as integer) then left(trim(field_text), 80) end
            when 'max_chars' then
                case when length(field_text) > try_cast(parameter as integer) then left(field_text, 80) end
            when 'min_tokens' then
                case
                    when len(list_filter(string_split(words, ' '), lambda word: word != ''))
                        < try_cast(parameter as integer) then left(trim(field_text), 80)
                end
            when 'starts_with_action_verb' then
                case
                    when not list_contains(
                        string_split(parameter, '|'), string_split(ltrim(words), ' ')[1]
                    ) then string_split(ltrim(words), ' ')[1]
                end
            when 'blocklist' then
                list_filter(
                    string_split(parameter, '|'),
                    lambda term: contains(words, ' ' || term || ' ')
                )[1]
        end
{% endmacro %}
