# How sure each alpha is. Python: a thousand draws of candidates at once.
from learning_loop.editorial import agreement


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    return agreement.bounds(dbt.ref("int_editorial__judgement_patterns").to_arrow_table())
