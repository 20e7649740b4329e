{#
  At the start of a run: what the YAML of each feed declares, as one JSON text a feed. Models read it from here and not
  from `model.columns`, because a unit test of a feed compiles the model's SQL without the model's columns.
#}
{% macro declare_feeds() %}
    {% do run_query("create or replace table scratch.feed_declarations (model varchar, feed varchar, declaration varchar)") %}
    {% set lines, names = [], [] %}
    {% for node in graph.nodes.values() if node.config.materialized == 'landing_feed' %}
        {% set declared = feed_declaration(node) %}
        {% do names.append(declared.feed) %}
        {% do lines.append(
            "('" ~ node.unique_id ~ "', '" ~ declared.feed ~ "', '" ~ tojson(declared) | replace("'", "''") ~ "')"
        ) %}
    {% endfor %}
    {% if names | sort != var('feeds') | sort %}
        {% do exceptions.raise_compiler_error(
            "The var `feeds` of dbt_project.yml names " ~ var('feeds') | sort | join(', ') ~ "; the models of staging declare "
            ~ names | sort | join(', ') ~ ". Both must name the same feeds."
        ) %}
    {% endif %}
    {% do run_query("insert into scratch.feed_declarations values " ~ lines | join(', ')) %}
{% endmacro %}
