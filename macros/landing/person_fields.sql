{#
  What in a row may name a person, as parts of regular expressions in which a name may be written with _, - or neither:
  `names` of fields for persons in what is sent and in the stores, and `refs`, the objects right around such fields, of any
  feed; `holders` are the objects further out, of this feed.
#}
{% macro person_fields() %}
    {% set names, refs, holders = [], [], [] %}
    {% set own = model.tested_node_unique_id or model.unique_id %}
    {% for row in (run_query("select model, declaration from scratch.feed_declarations order by feed").rows if execute else []) %}
        {% for column in fromjson(row[1]).columns if 'pseudonym' in (column.treat or '') %}
            {% set steps = column.path.split('.') %}
            {% do names.extend([steps[-1], column.name]) %}
            {% do refs.extend(steps[-2:-1]) %}
            {% if row[0] == own %}{% do holders.extend(steps[:-2]) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return({
        'names': names | unique | map('replace', '_', '[_-]?') | list,
        'refs': refs | unique | map('replace', '_', '[_-]?') | list,
        'holders': holders | unique | list,
    }) }}
{% endmacro %}
