# The Beta posterior of each rule: SQL has no quantiles of the Beta (learning_loop/stage_b/posterior.py).
from learning_loop.stage_b.posterior import beta_posteriors


def model(dbt, session):
    dbt.config(materialized="table")
    return beta_posteriors(dbt.ref("int_stage_b__credited_rules").to_arrow_table())
