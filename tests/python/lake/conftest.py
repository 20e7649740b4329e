"""A lake of its own for each test: its catalogue in a PostgreSQL, its data on a folder or in a bucket, on loopback."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lake_house import LakeHouse, Place

from operational_db.conftest import PASSWORD, Server, server  # noqa: F401  (a fixture)

PACKAGES = ("duckdb_extension_ducklake", "duckdb_extension_postgres_scanner", "duckdb_extension_httpfs")
collect_ignore_glob = [] if all(map(importlib.util.find_spec, PACKAGES)) else ["test_*.py"]


@pytest.fixture(scope="session")
def bucket() -> Iterator[dict[str, str]]:
    """A server of S3 on loopback, as AWS's own variables name it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    started = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{address}/lake", method="PUT"), timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert started.poll() is None and time.monotonic() < deadline, "the S3 server does not start"
                time.sleep(0.2)
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "for-tests",
            "AWS_SECRET_ACCESS_KEY": "for-tests-only",
            "AWS_REGION": "us-east-1",
        }
    finally:
        started.kill()
        started.wait()


@pytest.fixture(scope="session")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Place]:  # noqa: F811
    """Make a place for a lake: a database of its own and a folder; or the bucket's variables and a prefix."""
    passwords = tmp_path_factory.mktemp("pgpass") / "pgpass"
    passwords.write_text(f"127.0.0.1:*:*:*:{PASSWORD}\n")
    passwords.chmod(0o600)

    def make(name: str, variables: dict[str, str] | None = None) -> Place:
        server.run(f"create database {name}")
        data = f"s3://lake/{name}" if variables else str(tmp_path_factory.mktemp(name) / "data")
        return Place(server.url(name, "postgres"), data, {"PGPASSFILE": str(passwords), **(variables or {})})

    return make


@pytest.fixture
def lake(place: Callable[..., Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeHouse:
    """A house on a lake of its own; what is asked of this process is asked of it."""
    house = LakeHouse(tmp_path, place(f"t{time.monotonic_ns()}"))
    house.place.named_by(monkeypatch)
    return house


@pytest.fixture(autouse=True)
def nothing_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "LEARNING_LOOP_LAKE"))]:
        monkeypatch.delenv(name)
