# How sure each alpha is. Python: a thousand draws of candidates at once.
from learning_loop.editorial import agreement


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    judgements = dbt.ref("int_editorial__paired_judgements").order("scheme, candidate_id, actor_user_id")
    return agreement.bounds(judgements.to_arrow_table())
