{# A feed's content: all its columns but where and how well a row was read. #}
{% macro content_columns(judged) %}
    {% set names = [] %}
    {% for row in run_query('describe ' ~ judged).rows %}
        {% if row[0] not in ('source_file', 'row_number', 'is_ignored', 'reason_code', 'detail', 'raw_row') %}
            {% do names.append(row[0]) %}
        {% endif %}
    {% endfor %}
    {{ return(names | join(', ')) }}
{% endmacro %}
