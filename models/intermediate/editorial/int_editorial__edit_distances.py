# How far each final text lies from its original. Python: the built-in distance of DuckDB counts bytes, not characters.
from learning_loop.editorial import editing


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    return editing.edit_distances(dbt.ref("int_editorial__edited_texts").to_arrow_table())
