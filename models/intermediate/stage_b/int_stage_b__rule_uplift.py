# Difference in differences per reflection that changed a rule, with its placebo test (learning_loop/stage_b/uplift.py).
from learning_loop.stage_b.uplift import rule_uplift


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    tickets = dbt.ref("int_stage_b__tickets").select("run_id, mission, group_id, global_step, label_match")
    reflections = dbt.ref("int_stage_b__reflections").filter("not is_noop")
    return rule_uplift(tickets.to_arrow_table(), reflections.to_arrow_table())
