{# Columns that a feed has only since a later version reach a store that an earlier one made; their rows hold none. #}
{% macro extend_store(store, judged) %}
    {% set known = run_query('describe ' ~ store).columns[0].values() %}
    {% for row in run_query('describe ' ~ judged).rows %}
        {% if row[0] not in known and row[0] in content_columns(judged).split(', ') %}
            {% do run_query('alter table ' ~ store ~ ' add column "' ~ row[0] ~ '" ' ~ row[1]) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
