# What each applied reflection, and the credit of its window, did to which rule (learning_loop/stage_b/ledger.py).
from learning_loop.stage_b.ledger import rule_ledger


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    reflections = dbt.ref("int_stage_b__reflections").to_arrow_table()
    return rule_ledger(reflections, dbt.ref("int_stage_b__windowed_credit").to_arrow_table())
