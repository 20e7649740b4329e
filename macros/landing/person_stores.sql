{# The stores whose rows are a person's, with the column that says whose: the fields that are declared as pseudonyms. #}
{% macro person_stores() %}
    {% set found = [] %}
    {% for node in graph.nodes.values() if node.config.materialized == 'landing_feed' %}
        {% for column in node.columns.values() if 'pseudonym' in (column.config.meta.treat or '') %}
            {% do found.append((node.config.meta.feed, column.name)) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
