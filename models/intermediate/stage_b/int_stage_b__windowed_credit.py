# The hits and misses of hard tickets while a reflection was the active context (learning_loop/stage_b/credit.py).
from learning_loop.stage_b.credit import windowed_credit


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    tickets = dbt.ref("int_stage_b__tickets").select(
        "run_id, mission, global_step, label_match, is_hard, is_hard_beyond_wrong"
    )
    return windowed_credit(tickets.to_arrow_table(), dbt.ref("int_stage_b__reflections").to_arrow_table())
