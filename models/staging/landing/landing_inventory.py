# Which files must be read tonight. Python, because SQL cannot list a folder without opening its files.
from learning_loop import landing


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    return landing.tonight(session)
