# Difference in differences per applied reflection, with its placebo test (learning_loop/stage_b/uplift.py).
from learning_loop.stage_b.uplift import rule_uplift


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    hard = dbt.ref("int_stage_b__tickets").filter("is_hard")
    tickets = hard.select("run_id, mission, group_id, global_step, label_match, is_hard")
    return rule_uplift(tickets.to_arrow_table(), dbt.ref("int_stage_b__reflections").to_arrow_table())
