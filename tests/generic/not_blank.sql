{# A returned row holds only white space where a text is due: an empty pattern would match everything. #}
{% test not_blank(model, column_name) %}
    select * from {{ model }}
    where trim({{ column_name }}) = ''
{% endtest %}
