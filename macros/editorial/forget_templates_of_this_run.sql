{# Pre-hook: what an unfinished run of tonight said goes before it is said again. #}
{% macro forget_templates_of_this_run() %}
    {% if is_incremental() %}
        delete from {{ this }} where changed_in_run >= {{ run_number() }}
    {% endif %}
{% endmacro %}
