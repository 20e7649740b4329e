{# A feed that is declared with more than it was: what is stored gets the columns, empty; an identity has no nulls. #}
{% macro add_new_columns(store, judged, content) %}
    {% set known = run_query('describe ' ~ store).columns[0].values() %}
    {% for row in run_query('describe ' ~ judged).rows if row[0] in content.split(', ') and row[0] not in known %}
        {% set empty = " default ''" if row[0] in model.config.meta.identity and row[1] == 'VARCHAR' else '' %}
        {% do run_query('alter table ' ~ store ~ ' add column "' ~ row[0] ~ '" ' ~ row[1] ~ empty) %}
    {% endfor %}
{% endmacro %}
