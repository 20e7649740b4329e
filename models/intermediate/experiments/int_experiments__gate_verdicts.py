# The gate and the statistics. Python: distributions and their inverses, which SQL has not.
from learning_loop.experiments import gate


def model(dbt, session):
    dbt.config(materialized="table")
    inputs = dbt.ref("int_experiments__gate_inputs").order("experiment_id, judged_at")
    return gate.judge(inputs.to_arrow_table())
