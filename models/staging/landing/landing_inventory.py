# Which files must be read tonight. Python, because SQL cannot list a folder without opening its files.
from learning_loop.landing import inventory


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    return inventory.tonight(session)
