{# Of a feed's rows of tonight, those that are too old to be kept count as ignored. #}
{% macro ignore_expired(judged) %}
    update {{ judged }} set is_ignored = true
    where reason_code is null
        and {{ model.config.meta.instant }}
            < (select kept_from from scratch.retention where feed = '{{ model.config.meta.feed }}')
{% endmacro %}
