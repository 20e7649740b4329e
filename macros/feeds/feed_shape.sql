{#
  The structure that from_json reads, of the paths below `prefix`. Every leaf is text, so that a wrong type is seen and
  not cast to null; only a number that must not stand in quotes keeps its JSON form.
#}
{% macro feed_shape(feed, prefix='') %}
    {% set shape = {} %}
    {% for column in feed.columns if column.field and (prefix == '' or column.path.startswith(prefix ~ '.')) %}
        {% set steps = (column.path[prefix | length + 1:] if prefix else column.path).split('.') %}
        {% if prefix or steps[0] not in stored_objects(feed) or steps | length == 1 %}
            {% set place = namespace(at=shape) %}
            {% for step in steps[:-1] %}{% set place.at = place.at.setdefault(step, {}) %}{% endfor %}
            {% do place.at.update({steps[-1]: column.elements or ('JSON' if column.quoted == false else 'VARCHAR')}) %}
        {% endif %}
    {% endfor %}
    {{ return(shape) }}
{% endmacro %}
