{# The steps of the checklist that a promotion lacks. What was reported before a reopening counts no more. #}
{% macro backlog_missing_steps() -%}
    content.missing_parts
    || case when coalesce(test_completed_at > coalesce(reopened_at, '-infinity'), false)
        then [] else ['regression_test_implementation'] end
    || case when coalesce(shadow_passed_at > coalesce(reopened_at, '-infinity'), false)
        then [] else ['shadow_re_evaluation'] end
{%- endmacro %}
