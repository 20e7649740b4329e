{# A returned row holds nothing or only white space where a text is due: an empty pattern would match everything. #}
{% test not_blank(model, column_name) %}
    select * from {{ model }}
    where coalesce(trim({{ column_name }}), '') = ''
{% endtest %}
