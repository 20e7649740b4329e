{# Stops the run, by name, where laws are broken: [name, SQL of the rows that break it]. Twenty a statement. #}
{% macro hold(laws) %}
    {% set broken = [] %}
    {% for some in laws | batch(20) %}
        {% set counts = [] %}
        {% for law in some %}
            {% do counts.append("select '" ~ law[0] ~ "' as law, count(*) as row_count from (" ~ law[1] ~ ")") %}
        {% endfor %}
        {% set found = run_query('select * from (' ~ counts | join(' union all ') ~ ') where row_count > 0 order by law') %}
        {% for row in found.rows %}
            {% do broken.append(row[0] ~ ': got ' ~ row[1] ~ (' result' if row[1] == 1 else ' results')) %}
        {% endfor %}
    {% endfor %}
    {% if broken %}{% do exceptions.raise_compiler_error('Tests failed. ' ~ broken | join('; ')) %}{% endif %}
{% endmacro %}
