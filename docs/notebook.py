"""A notebook on the published file. It needs marimo and altair, which the project does not:

pip install marimo altair duckdb==1.5.5 pyarrow
LEARNING_LOOP_WAREHOUSE=warehouse/learning_loop.duckdb marimo edit docs/notebook.py

`marimo run` shows it to readers, `marimo export html` writes a page.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os

    import altair as alt
    import duckdb
    import marimo as mo

    # Read-only, and a new connection a session: the file is replaced whole each night.
    file = os.environ.get("LEARNING_LOOP_WAREHOUSE", "warehouse/learning_loop.duckdb")
    warehouse = duckdb.connect(file, read_only=True)
    warehouse.execute("set timezone = 'UTC'")

    def ask(sql: str, *parameters: object):
        return warehouse.execute(sql, list(parameters)).to_arrow_table()

    return alt, ask, mo


@app.cell
def _(ask, mo):
    night = ask("select max(run_id) as run_id from nightly_runs where status = 'success'")["run_id"][0]
    mo.md(f"# The learning loop, night of {night}\n\nWhat there is: `start_here`, a query for each table.")
    return


@app.cell
def _(ask, mo):
    mo.ui.table(ask("select * from start_here").to_pylist(), page_size=8)
    return


@app.cell
def _(ask, mo):
    weeks = ask(
        "select distinct period_key from learning_issue_clusters where period_granularity = 'week' order by 1 desc"
    )["period_key"].to_pylist()
    week = mo.ui.dropdown(weeks, value=weeks[0] if weeks else None, label="Clusters of")
    week  # noqa: B018
    return (week,)


@app.cell
def _(alt, ask, mo, week):
    clusters = ask(
        "select cluster_signature, score, event_count, unique_users from learning_issue_clusters"
        " where period_granularity = 'week' and period_key = ? order by score desc limit 15",
        week.value,
    ).to_pylist()
    chart = (
        alt.Chart(alt.Data(values=clusters))
        .mark_bar()
        .encode(
            x=alt.X("score:Q", title="score"),
            y=alt.Y("cluster_signature:N", sort="-x", title=None),
            tooltip=["cluster_signature:N", "event_count:Q", "unique_users:Q"],
        )
    )
    chart if clusters else mo.md("No cluster in that week.")
    return


@app.cell
def _(alt, ask, mo):
    sources = ask(
        "select coalesce(display_name, source_key) as source, promotion_rate, promotion_rate_lower,"
        " promotion_rate_upper, reviewed_count from source_overview where reviewed_count > 0"
        " order by reviewed_count desc limit 15"
    ).to_pylist()
    base = alt.Chart(alt.Data(values=sources)).encode(y=alt.Y("source:N", title=None))
    bars = base.mark_rule().encode(
        x=alt.X("promotion_rate_lower:Q", title="promoted of reviewed, with 95 % interval"),
        x2="promotion_rate_upper:Q",
    )
    points = base.mark_point(filled=True).encode(x="promotion_rate:Q", tooltip=["source:N", "reviewed_count:Q"])
    bars + points if sources else mo.md("Nothing was reviewed yet.")
    return


if __name__ == "__main__":
    app.run()
