"""How far a database was copied is known of that database, however its address names it."""

import json

import pytest

from learning_loop.operational_db import postgres

from .conftest import PASSWORD
from .test_land import EVENTS, land, landed, stored

HOW_AN_ADDRESS_NAMES_A_DATABASE = {
    "by_dbname": "postgresql://reader@127.0.0.1:{port}/?dbname={database}",
    "by_dbname_over_the_path": "postgresql://reader@127.0.0.1:{port}/postgres?dbname={database}",
    "by_dbname_twice": "postgresql://reader@127.0.0.1:{port}/?dbname=postgres&dbname={database}",
    "by_encoded_dbname": "postgresql://reader@127.0.0.1:{port}/?db%6Eame={database}",
    "by_host_and_port": "postgresql://reader@/{database}?host=127.0.0.1&port={port}",
    "by_hostaddr": "postgresql://reader@nowhere.invalid:{port}/{database}?hostaddr=127.0.0.1",
    "by_service": "postgresql://reader@?service=s_{database}",
    "by_environment": "postgresql://reader@",
    "by_service_of_the_environment": "postgresql://reader@/",
}


@pytest.fixture
def two_databases(server, database):
    """Two of one server with the same table and other rows, the second's before the first's."""
    other = f"{database}b"
    server.run(f"create database {other}")
    server.run("alter default privileges in schema public grant select on tables to reader", other)
    for name, day in ((database, "2026-02-02"), (other, "2026-01-01")):
        server.run(EVENTS, name)
        server.run(f"insert into events (timestamp) select timestamptz '{day}' from generate_series(1, 5)", name)
    yield database, other
    server.run(f"drop database {other} with (force)")


@pytest.mark.parametrize("named", HOW_AN_ADDRESS_NAMES_A_DATABASE)
def test_two_databases_never_share_how_far_they_were_copied(server, two_databases, tmp_path, monkeypatch, named):
    services = tmp_path / "services"
    services.write_text(
        "".join(f"[s_{name}]\nhost=127.0.0.1\nport={server.port}\ndbname={name}\n" for name in two_databases)
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)  # a password file is asked by the host's name, which one form makes up
    expected = []
    for name in two_databases:
        if named == "by_environment":
            for variable, value in (("PGHOST", "127.0.0.1"), ("PGPORT", server.port), ("PGDATABASE", name)):
                monkeypatch.setenv(variable, str(value))
        if named == "by_service_of_the_environment":
            monkeypatch.setenv("PGSERVICE", f"s_{name}")
        url = HOW_AN_ADDRESS_NAMES_A_DATABASE[named].format(port=server.port, database=name)
        told = land("--from", url, "--landing", tmp_path / "landing")
        assert told.returncode == 0, told.stderr
        assert "5 rows, everything" in told.stdout
        assert land("--from", url, "--landing", tmp_path / "landing").returncode == 0
        expected += stored(server, name)
        assert set(landed(tmp_path / "landing")) == set(expected)


def test_a_database_made_anew_under_its_name_begins_anew_and_replaces_no_file(server, database, tmp_path):
    arguments = ("--from", server.url(database), "--landing", tmp_path / "landing")
    server.run(EVENTS, database)
    server.run("insert into events (timestamp) values ('2026-02-02')", database)
    assert land(*arguments).returncode == 0
    before = stored(server, database)
    server.run(f"drop database {database} with (force)")
    server.run(f"create database {database}")
    server.run(EVENTS, database)
    server.run("grant select on events to reader;\ninsert into events (timestamp) values ('2026-01-01')", database)
    told = land(*arguments)
    assert told.returncode == 0, told.stderr
    assert set(landed(tmp_path / "landing")) == {*before, *stored(server, database)}


def test_a_copy_of_the_first_edition_goes_on_where_it_was(server, database, tmp_path):
    """Its memory names no server, only the address."""
    landing = tmp_path / "landing"
    arguments = ("--from", server.url(database), "--landing", landing)
    server.run(EVENTS, database)
    server.run("insert into events (timestamp) values ('2026-02-02')", database)
    assert land(*arguments).returncode == 0
    memory = json.loads((landing / ".land_state.json").read_text())
    assert list(memory["sources"]) == [f"127.0.0.1:{server.port}/{database}"]
    assert memory.pop("servers")
    (landing / ".land_state.json").write_text(json.dumps(memory))
    assert "from 2026-02-01 18:00:00+00" in land(*arguments).stdout
    assert json.loads((landing / ".land_state.json").read_text())["servers"]


@pytest.mark.parametrize(
    ("url", "place"),
    {
        "postgresql://reader@h/db": "h:5432/db",
        "postgresql://reader@h:6000/db": "h:6000/db",
        "postgresql://reader@[::1]/db": "[::1]:5432/db",
        "postgresql://reader@h,k:1/db": "h,k:1/db",
        "postgresql://reader@h": "h:5432/reader",
        "postgresql:///d%62": "local:5432/db",
        "postgresql://reader@h/db?sslmode=disable": "h:5432/db",
        "postgresql://reader@h:1/db?dbname=e": "h:1/asked",
        "postgresql://reader@h:1/db?host=k": "k:1/db",
        "postgresql://reader@h:1/db?port=2": "h:2/db",
        "postgresql://reader@[::1]:1/db?port=2": "[::1]:2/db",
        "postgresql://reader@/db?host=%2Fcloudsql%2Fa": "/cloudsql/a:5432/db",
        "postgresql://reader@h/db?hostaddr=10.0.0.1": "10.0.0.1:5432/db",
        "postgresql://reader@?service=s": "s at 10.9.9.9:5432/asked",
        "postgresql://reader@h/db?service=s": "h:5432/db",
    }.items(),
)
def test_a_place_is_what_the_address_names_and_where_it_does_not_what_the_server_says(monkeypatch, url, place):
    for name in ("PGHOST", "PGPORT", "PGDATABASE", "PGSERVICE", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    assert postgres.place(url, address="10.9.9.9:5432", database="asked") == place
