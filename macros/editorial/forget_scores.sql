{# Pre-hook: candidates that changed, and all when the rules did, are scored again. #}
{% macro forget_scores() %}
    {% if is_incremental() %}
        delete from {{ this }}
        where candidate_id in (select candidate_id from {{ ref('int_editorial__touched_candidates') }})
            or rule_version is distinct from (select any_value(rule_version) from {{ ref('int_quality__rules') }})
    {% endif %}
{% endmacro %}
