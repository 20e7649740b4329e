# The bounds of Clopper and Pearson. Python: quantiles of a beta distribution, which SQL has not.
from learning_loop.experiments import placebos


def model(dbt, session):
    dbt.config(materialized="table")
    counts = dbt.ref("int_experiments__placebo_counts").order("metric_name, rate_group")
    return placebos.bounds(counts.to_arrow_table())
