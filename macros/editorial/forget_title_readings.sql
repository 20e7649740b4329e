{# Pre-hook: candidates that changed, and all whose titles were read by other words than tonight's, are read again. #}
{% macro forget_title_readings() %}
    {% if is_incremental() %}
        delete from {{ this }}
        where candidate_id in (select candidate_id from {{ ref('int_editorial__touched_candidates') }})
            or readings_version is distinct from (
                select any_value(readings_version) from {{ ref('int_duplicates__readings') }}
            )
    {% endif %}
{% endmacro %}
