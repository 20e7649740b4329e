"""The night's statements, recorded once for all tests of the feeds."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from house import manifest
from learning_loop.feeds import judge
from learning_loop.night import dbt_runner
from shared import built_once


def recorded_in(folder: Path) -> list[list[str]]:
    """Return the statements that are kept in a folder; dbt reads the project from the manifest that tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt_runner, "dbtRunner", functools.partial(dbtRunner, manifest()))
        return judge.recorded_statements(folder)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """What `learning-loop check` keeps in the user's cache."""
    with built_once(tmp_path_factory, "recorded") as (root, is_first):
        kept = root / "statements.json"
        if is_first:
            kept.write_text(json.dumps(recorded_in(root / "cache")))
        return json.loads(kept.read_text())
