# Connected components that respect the pairs kept apart. Python: union-find is a loop, and SQL has none that is cheap.
from learning_loop.editorial import duplicates


def model(dbt, session):
    dbt.config(materialized="table")
    links = dbt.ref("int_duplicates__links").order("weakness nulls first, candidate_a, candidate_b")
    return duplicates.groups(links.to_arrow_table())
