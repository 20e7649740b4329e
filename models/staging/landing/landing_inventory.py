# Which files must be read tonight. Python, because SQL cannot list a folder without opening its files.
from pathlib import Path

from learning_loop import landing


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    feeds = [landing.Feed(*row) for row in dbt.ref("landing_feeds").select("feed, path_pattern, reader_version").fetchall()]
    database = Path(session.execute("select path from duckdb_databases() where database_name = current_database()").fetchall()[0][0])
    return landing.inventory(landing.landing_dir(), feeds, landing.ledger(session), database.parent / "repaired")
