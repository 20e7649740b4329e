{# What the steps left: after a large load more than the stored rows themselves, and the marts need the room. #}
{% macro drop_steps(judged) %}
    drop table {{ judged }};
    {%- for step in ('ranked', 'outcomes') %}
    drop table temp.{{ this.identifier }}__{{ step }};
    {%- endfor %}
{% endmacro %}
