{# The column that says when a row of the feed happened. #}
{% macro instant_of_feed(feed) %}
    {% set found = run_query("select declaration ->> '$.instant' from scratch.feed_declarations where feed = '" ~ feed ~ "'").rows %}
    {% if not found %}{% do exceptions.raise_compiler_error("There is no feed " ~ feed ~ ".") %}{% endif %}
    {{ return(found[0][0]) }}
{% endmacro %}
