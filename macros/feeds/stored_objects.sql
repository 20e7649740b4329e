{# Objects that are themselves columns: they are read as text, and what lies in them is read from that text. #}
{% macro stored_objects(feed) %}
    {{ return(feed.columns | selectattr('field', 'equalto', 'object') | map(attribute='path') | list) }}
{% endmacro %}
