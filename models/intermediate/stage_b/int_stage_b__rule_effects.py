# What each rule does to the tickets of its evidence groups, beside all others (learning_loop/stage_b/effects.py).
from learning_loop.stage_b.effects import rule_effects


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    tickets = dbt.ref("int_stage_b__tickets").select("run_id, mission, group_id, global_step, label_match")
    return rule_effects(tickets.to_arrow_table(), dbt.ref("int_stage_b__rule_spans").to_arrow_table())
