{# The names that fields for persons bear in what is sent, in any feed, and the objects in which they lie in this one. #}
{% macro person_fields() %}
    {% set names, holders = ['user_id'], [] %}
    {% for row in (run_query("select feed, declaration from scratch.feed_declarations order by feed").rows if execute else []) %}
        {% for column in fromjson(row[1]).columns if 'pseudonym' in (column.treat or '') %}
            {% do names.append(column.path.split('.')[-1]) %}
            {% if row[0] == declared_feed().feed %}{% do holders.extend(column.path.split('.')[:-1]) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return({'names': names | unique | list, 'holders': holders | unique | list}) }}
{% endmacro %}
