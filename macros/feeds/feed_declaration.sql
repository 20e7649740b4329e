{#
  A feed as its YAML declares it: {feed, identity, instant, objects, columns}. A column whose meta names a `field` kind is
  sent; any other is derived by the model. `path` is where the sender writes it.
#}
{% macro feed_declaration(node) %}
    {% set columns = [] %}
    {% for column in node.columns.values() if column.name not in stored_columns() %}
        {% set meta = column.config.meta %}
        {% do columns.append(dict(meta, name=column.name, path=meta.path or meta.sent or column.name)) %}
    {% endfor %}
    {% set meta = node.config.meta %}
    {{ return({
        'model': node.name,
        'feed': meta.feed,
        'identity': meta.identity,
        'instant': meta.instant,
        'objects': meta.objects or {},
        'columns': columns,
    }) }}
{% endmacro %}
