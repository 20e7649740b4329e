{# History is not rewritten: an as_of before that of the last run stops the build. #}
{% macro refuse_going_back(run_id, last_as_of) %}
    {% if run_query("select timestamptz '" ~ run_id ~ "' < timestamptz '" ~ last_as_of ~ "'").rows[0][0] %}
        {% do exceptions.raise_compiler_error(
            "as_of " ~ run_id ~ " lies before the last run of this file (" ~ last_as_of
            ~ "). History is not rewritten: choose a later instant, or another file."
        ) %}
    {% endif %}
{% endmacro %}
