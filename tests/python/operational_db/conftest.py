"""A real PostgreSQL on loopback, for the tests of `learning-loop land`."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pytest

PASSWORD = "hunter2-is-only-for-tests"


class Server:
    """A server of its own; `reader` is a role that may only read, as a real one would be."""

    def __init__(self, port: int):
        self.port = port

    def url(self, database: str = "postgres", user: str = "reader") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", autocommit: bool = True) -> adbc.Connection:
        url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"
        return adbc.connect(url, autocommit=autocommit)

    def run(self, sql: str, database: str = "postgres") -> None:
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in sql.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)

    def column(self, sql: str, database: str = "postgres") -> list:
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [row[0] for row in cursor.fetchall()]


def program(name: str) -> str:
    found = shutil.which(name) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1:]), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"no {name} here; `apt-get install postgresql`")
    assert found, f"{name} is missing: install Debian's package postgresql (.ci/run does)"
    return found


def as_postgres(*command: object) -> None:
    """Run a program of the server: it refuses to run as root, so root hands over to the package's user."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run(
        [*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/", env={"PATH": os.environ["PATH"]}
    )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    root = Path(tempfile.mkdtemp(prefix="learning-loop-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        (root / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (root, root / "password"):
                shutil.chown(path, "postgres", "postgres")
        as_postgres(
            *(program("initdb"), "--pgdata", root / "data", "--username", "postgres", "--auth", "scram-sha-256"),
            *("--pwfile", root / "password", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {root}"
        as_postgres(program("pg_ctl"), "-D", root / "data", "-o", options, "-w", "-l", root / "log", "start")
        try:
            started = Server(port)
            started.run(f"create role reader login password '{PASSWORD}'")
            yield started
        finally:
            as_postgres(program("pg_ctl"), "-D", root / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for one test, readable by `reader`."""
    name = f"t{time.monotonic_ns()}"
    server.run(f"create database {name}")
    server.run("alter default privileges in schema public grant select on tables to reader", name)
    yield name
    server.run(f"drop database {name} with (force)")


@pytest.fixture(autouse=True)
def password_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:*:*:*:{PASSWORD}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    monkeypatch.delenv("PGPASSWORD", raising=False)
