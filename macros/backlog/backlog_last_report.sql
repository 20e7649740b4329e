{# The last report on a step: by instant, ties by the hash of what it says. #}
{% macro backlog_last_report(step_id) -%}
    arg_max(reports, (reports.reported_at, reports.content_hash)) filter (where reports.step_id = '{{ step_id }}')
{%- endmacro %}
