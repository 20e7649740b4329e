{#
  What a model knows of a candidate: a list of {slot, feature, value, says}. The slot is the place of its weight: plain
  features have one each, rules share 64 by hash and words of titles 256. A change here is another feature_set
  (seed model_policy), for the weights of the former one fit no more.
#}
{% macro model_features(facts) -%}
    [
        {'slot': 1, 'feature': 'intercept', 'value': 1.0::double, 'says': null::varchar},
        {'slot': 2, 'feature': 'source_rate', 'value': {{ facts }}.source_logit, 'says': {{ facts }}.source_key},
        {'slot': 3, 'feature': 'strategy_rate', 'value': {{ facts }}.strategy_logit, 'says': {{ facts }}.strategy},
        {'slot': 4, 'feature': 'title_length', 'value': ln(1 + {{ facts }}.title_length), 'says': {{ facts }}.title_length::varchar},
        {'slot': 5, 'feature': 'description_length', 'value': ln(1 + {{ facts }}.description_length), 'says': {{ facts }}.description_length::varchar},
        {'slot': 6, 'feature': 'excerpt_length', 'value': ln(1 + {{ facts }}.excerpt_length), 'says': {{ facts }}.excerpt_length::varchar},
        {'slot': 7, 'feature': 'parser_confidence', 'value': coalesce({{ facts }}.parser_confidence, 0.5), 'says': {{ facts }}.parser_confidence::varchar},
        {'slot': 8, 'feature': 'no_parser_confidence', 'value': ({{ facts }}.parser_confidence is null)::integer::double, 'says': null},
        {'slot': 9, 'feature': 'similarity', 'value': {{ facts }}.similarity, 'says': {{ facts }}.similarity::varchar},
        {'slot': 10 + hour({{ facts }}.created_at)::integer // 6, 'feature': 'hour', 'value': 1.0, 'says': hour({{ facts }}.created_at)::varchar}
    ] || [
        {'slot': 20 + (md5_number_lower(hit.rule_id) % 64)::integer, 'feature': 'rule', 'value': 1.0, 'says': hit.rule_id}
        for hit in {{ facts }}.hits
    ] || [
        {'slot': 84 + (md5_number_lower(word) % 256)::integer, 'feature': 'word', 'value': 1.0, 'says': word}
        for word in {{ facts }}.title_words
    ]
{%- endmacro %}
