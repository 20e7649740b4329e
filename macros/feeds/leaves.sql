{# Each leaf of a structure as an expression over `place`, as text. #}
{% macro leaves(place, shape) %}
    {% set found = [] %}
    {% for name, inner in shape.items() %}
        {% set path = place ~ '."' ~ name ~ '"' %}
        {% if inner is mapping %}{% do found.extend(leaves(path, inner)) %}
        {% else %}{% do found.append(path ~ '::varchar') %}{% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
