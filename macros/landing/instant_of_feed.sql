{# The column that says when a row of a feed happened: {feed: column} of all feeds. #}
{% macro instant_of_feed() %}
    {% set instants = {} %}
    {% for row in run_query("select feed, declaration ->> '$.instant' from scratch.feed_declarations").rows %}
        {% do instants.update({row[0]: row[1]}) %}
    {% endfor %}
    {{ return(instants) }}
{% endmacro %}
