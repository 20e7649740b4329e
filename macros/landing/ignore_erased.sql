{# Of a feed's rows of tonight, those of erased persons count as ignored, good or bad. #}
{% macro ignore_erased(judged) %}
    {% set column = dict(person_stores()).get(model.config.meta.feed) %}
    {% if column %}
        update {{ judged }} set is_ignored = true, reason_code = null, detail = null, raw_row = null
        where (select count(*) from scratch.erased) > 0
            and {{ tombstone(column) }} in (select tombstone from scratch.erased)
    {% else %}
        select 1
    {% endif %}
{% endmacro %}
