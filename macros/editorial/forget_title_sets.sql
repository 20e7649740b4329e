{# Pre-hook: titles that no candidate has any more go, and all that were compared by another policy than tonight's. #}
{% macro forget_title_sets() %}
    {% if is_incremental() %}
        delete from {{ this }}
        where title_key not in (select title_key from {{ ref('int_duplicates__titles') }} where word_count > 0)
            or policy_version is distinct from (select any_value(policy_version) from {{ ref('int_duplicates__policy') }})
    {% endif %}
{% endmacro %}
