{# The objects, by their names at the top of a row, in which declared fields lie. #}
{% macro nested_objects(feed) %}
    {% set found = [] %}
    {% for column in feed.columns if column.field and '.' in column.path %}
        {% do found.append(column.path.split('.')[0]) %}
    {% endfor %}
    {{ return(found | unique | list) }}
{% endmacro %}
