{#
  What the YAML of tonight's models and seeds tests: [name of the test, its SQL]. `learning-loop nightly` leaves these
  out of dbt's graph and holds them in a few statements at its end: as nodes, some 190 of them cost a fifth of a night.
#}
{% macro declared_laws() %}
    {% set laws = [] %}
    {% set asked = invocation_args_dict %}
    {% set is_asked = 'test_type:generic' in (asked.exclude or []) and 'test' not in (asked.exclude_resource_types or []) %}
    {% set has_all = execute and part_of_run() == 'last' %}
    {% set has_seeds = 'seed' in (asked.exclude_resource_types or []) %}
    {% for node in graph.nodes.values() if execute and is_asked and node.resource_type == 'test' and node.test_metadata %}
        {% set parents = namespace(of_tonight=true, relations={}) %}
        {% for id in node.depends_on.nodes %}
            {% set parent = graph.nodes[id] %}
            {% if id not in selected_resources and not has_all and not (has_seeds and parent.resource_type == 'seed') %}
                {% set parents.of_tonight = false %}
            {% endif %}
            {% do parents.relations.update({id: api.Relation.create(parent.database, parent.schema, parent.alias)}) %}
        {% endfor %}
        {% if parents.of_tonight %}
            {% set arguments = dict(node.test_metadata.kwargs, model=parents.relations[node.attached_node]) %}
            {% if 'to' in arguments %}
                {% set others = node.depends_on.nodes | reject('equalto', node.attached_node) | list %}
                {% do arguments.update({'to': parents.relations[others[0]]}) %}
            {% endif %}
            {% do laws.append([node.name, context['test_' ~ node.test_metadata.name](**arguments)]) %}
        {% endif %}
    {% endfor %}
    {{ return(laws) }}
{% endmacro %}
