"""docs/notebook.py asks what the published file can answer; the notebook's own packages are not the project's."""

from __future__ import annotations

import ast

from learning_loop.project import project_dir


def test_every_query_of_the_notebook_runs_and_finds_something(sample_world):
    house, _ = sample_world
    tree = ast.parse((project_dir() / "docs" / "notebook.py").read_text("utf-8"))
    asked = [
        (ast.literal_eval(node.args[0]), len(node.args) - 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ask"
    ]
    assert len(asked) == 5
    for sql, parameters in asked:
        assert house.query(sql.replace("?", "'2026-W07'") if parameters else sql), sql
