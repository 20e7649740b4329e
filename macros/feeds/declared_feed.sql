{# The declaration of the feed whose model, or whose model's unit test, is being compiled. #}
{% macro declared_feed() %}
    {% set found = run_query(
        "select declaration from scratch.feed_declarations where model = '"
        ~ (model.tested_node_unique_id or model.unique_id) ~ "'"
    ).rows %}
    {{ return(fromjson(found[0][0])) }}
{% endmacro %}
