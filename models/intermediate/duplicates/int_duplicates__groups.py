# Stars around the oldest, which respect the pairs kept apart. Python: who joins depends on who joined before, a loop.
from learning_loop.editorial import duplicates


def model(dbt, session):
    dbt.config(materialized="table")
    return duplicates.groups(dbt.ref("int_duplicates__links").to_arrow_table())
