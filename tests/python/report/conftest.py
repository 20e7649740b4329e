from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, sync_playwright

from house import House
from learning_loop.sample.world import write_world
from report.planted import plant
from shared import built_once

# A night of the report alone: the list and the ages move on, the marts stay as the first night left them.
LIGHT = [
    "nightly_runs", "int_operations__newest_rows", "feed_freshness", "path:models/intermediate/report",
    "path:models/marts/report",
]  # fmt: skip


@pytest.fixture(scope="package")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, House]:
    """A sample world with planted texts after its first night, and the same five days later, when nothing came."""
    with built_once(tmp_path_factory, "report") as (root, is_first), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        first = House(root)
        second = House(root / "later", landing=root / "landing", select=LIGHT)
        if is_first:
            truth = write_world(root / "landing", seed=7, days=35)
            plant(root / "landing")
            first.night(truth["as_of"])
            shutil.copytree(first.warehouse.parent, second.warehouse.parent)
            second.night("2026-02-21T02:00:00+00:00")
    return first, second


@pytest.fixture(scope="package")
def empty(tmp_path_factory: pytest.TempPathFactory, nights: tuple[House, House]) -> House:
    """A warehouse whose tables are those of a night and hold nothing but the night and its policies."""
    house = House(tmp_path_factory.mktemp("empty"))
    shutil.copytree(nights[0].warehouse.parent, house.warehouse.parent)
    with duckdb.connect(str(house.warehouse)) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name != 'policy' and table_name not in ('nightly_runs', 'feed_freshness')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"delete from {table}")
        connection.execute(
            "update feed_freshness set stored_count = 0, newest_row_at = null, verdict = 'not_delivered'"
        )
    return house


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or another that is installed; CI must have one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary: Any = next((found for name in names if (found := shutil.which(name))), None)
    if binary is None and not os.environ.get("CI"):
        pytest.skip("no browser here; `apt-get install chromium`")
    assert binary, "CI needs a browser: apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(Path(binary)), args=["--no-sandbox"])
        yield chromium
        chromium.close()
