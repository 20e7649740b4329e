# The gate on experiments without an effect. Python: it is the gate itself that is asked.
from learning_loop.experiments import placebos


def model(dbt, session):
    dbt.config(materialized="table")
    inputs = dbt.ref("int_experiments__placebo_inputs").order("placebo_id, metric_name")
    return placebos.judge(inputs.to_arrow_table())
