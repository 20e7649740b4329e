# Models of what editors will make of a candidate, in the first night of a week. Python: scikit-learn fits them.
from learning_loop.editorial import scoring


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    examples = dbt.ref("int_scoring__candidates").filter("is_learnt_from").order("labelled_at, candidate_id")
    return scoring.fit(examples.to_arrow_table())
