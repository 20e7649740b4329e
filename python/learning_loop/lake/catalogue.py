"""Where the lake is, and the one way to attach it: its catalogue in PostgreSQL or a file, its data on a folder or S3.

All is told by the environment, so that a night, its parts on other machines and whoever reads say the same.
"""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from learning_loop.errors import WrongUse

NAME = "learning_loop"  # views hold the catalog's name: it is the same for a night, its parts and every reader
TARGET = "LEARNING_LOOP_TARGET"
CATALOGUE = "LEARNING_LOOP_LAKE"
DATA = "LEARNING_LOOP_LAKE_DATA"
VERSION = "1.5.5"  # of DuckDB and of its extensions: they are built for one version exactly


@dataclass(frozen=True)
class Lake:
    """A catalogue (a PostgreSQL address, or a file) and where its data lies (a folder, or s3://bucket/prefix)."""

    catalogue: str
    data: str

    @property
    def is_shared(self) -> bool:
        """Whether several processes may use it at once: a catalogue in a file has one."""
        return is_address(self.catalogue)

    def attachment(self, snapshot: int | None = None, read_only: bool = False) -> str:
        """Return the SQL that attaches it under its name, as it is now or as of a snapshot."""
        where = f"postgres:{self.catalogue}" if self.is_shared else self.catalogue
        # Small writes as files as well: rows that lie in the catalogue would outlive an erasure by other rules.
        options = [f"data_path {_text(self.data)}", "data_inlining_row_limit 0", "automatic_migration false"]
        if snapshot is not None:
            options.append(f"snapshot_version {snapshot}")
        elif read_only:
            options.append("read_only")
        return f"attach if not exists {_text('ducklake:' + where)} as {NAME} ({', '.join(options)})"


def is_asked() -> bool:
    """Say whether the environment names the lake as what is worked on."""
    return os.environ.get(TARGET, "") == "lake"


def lake() -> Lake:
    """Return the lake that the environment names.

    Raises:
        WrongUse: it names none, or one that cannot be; the message says what to set, and repeats no address.
    """
    catalogue, data = (os.environ.get(name, "").strip() for name in (CATALOGUE, DATA))
    if not catalogue or not data:
        missing = " and ".join(name for name, value in ((CATALOGUE, catalogue), (DATA, data)) if not value)
        raise WrongUse(
            f"The lake is not named: set {missing}. {CATALOGUE} is the catalogue, postgresql://loop@host:5432/lake or a"
            f" file such as /srv/lake/catalogue.ducklake; {DATA} is a folder or s3://bucket/prefix."
        )
    if is_address(catalogue):
        before = catalogue.partition("://")[2].rpartition("@")[0]
        if ":" in before or re.search(r"password\s*=", catalogue, re.I):
            raise WrongUse(
                f"{CATALOGUE} holds a password, and an environment is seen by others. Leave it out of the address; put"
                " it into a password file (~/.pgpass, or the one PGPASSFILE names)."
            )
    elif "://" in catalogue:
        raise WrongUse(f"{CATALOGUE} is neither a PostgreSQL address (postgresql://loop@host:5432/lake) nor a file.")
    else:
        catalogue = str(Path(catalogue).resolve())
    if "://" in data:
        if not data.startswith("s3://"):
            raise WrongUse(f"{DATA} is neither a folder nor s3://bucket/prefix.")
    else:
        data = str(Path(data).resolve())
    return Lake(catalogue, data.rstrip("/") + "/")


def is_address(catalogue: str) -> bool:
    """Say whether a catalogue is an address of PostgreSQL."""
    return re.match(r"postgres(ql)?://", catalogue) is not None


def load_extensions(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Load what the lake needs, from installed packages: nothing is downloaded at run time.

    Raises:
        WrongUse: a package is missing, or DuckDB is of another version.
    """
    if duckdb.__version__ != VERSION:
        raise WrongUse(
            f"The lake needs DuckDB {VERSION}, and {duckdb.__version__} is installed: its extensions are built for one"
            " version. Install requirements.lock, then requirements-lake.lock."
        )
    for name in ["ducklake", *["postgres_scanner"] * lake.is_shared, *["httpfs"] * lake.data.startswith("s3://")]:
        found = importlib.util.find_spec(f"duckdb_extension_{name}")
        if found is None or not found.submodule_search_locations:
            raise WrongUse(
                f"The lake needs the package duckdb-extension-{name.replace('_', '-')}: "
                "`pip install learning-loop[lake]`."
            )
        file = Path(found.submodule_search_locations[0], "extensions", f"v{VERSION}", f"{name}.duckdb_extension")
        connection.execute(f"load {_text(str(file))}")
    # Of two processes that commit at once one comes first, and the other tries again. With ten tries, each after a
    # longer wait, some commit of a night never came first.
    for setting, value in (("max_retry_count", 200), ("retry_wait_ms", 50), ("retry_backoff", 1)):
        connection.execute(f"set ducklake_{setting} = {value}")


def prepare(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make a connection ready to attach the lake: extensions, and the keys of its bucket from AWS's own variables."""
    load_extensions(connection, lake)
    if not lake.data.startswith("s3://"):
        return
    connection.execute("set enable_http_metadata_cache = true")
    given = {
        "key_id": os.environ.get("AWS_ACCESS_KEY_ID"),
        "secret": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "session_token": os.environ.get("AWS_SESSION_TOKEN"),
        "region": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
    }
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        scheme, _, host = endpoint.rstrip("/").rpartition("://")
        given |= {"endpoint": host, "url_style": "path", "use_ssl": "false" if scheme == "http" else "true"}
    options = "".join(f", {name} {_text(value)}" for name, value in given.items() if value)
    connection.execute(f"create or replace temporary secret lake (type s3{options}, scope {_text(lake.data)})")


def attach(
    connection: duckdb.DuckDBPyConnection, lake: Lake, snapshot: int | None = None, read_only: bool = False
) -> None:
    """Attach the lake to a prepared connection and make it what unqualified names are looked up in.

    Raises:
        WrongUse: the catalogue or the data cannot be reached.
    """
    if not lake.is_shared and not read_only and snapshot is None:
        Path(lake.catalogue).parent.mkdir(parents=True, exist_ok=True)
    if "://" not in lake.data:
        Path(lake.data).mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        connection.execute(lake.attachment(snapshot, read_only))
    except duckdb.Error as error:
        raise WrongUse(
            f"The lake cannot be attached: {_first_line(error)}. Look at {CATALOGUE}, {DATA} and the password file."
        ) from error
    connection.execute(f"use {NAME}")


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0][:300]
    return re.sub(r"postgres(ql)?://\S+|\"[^\"]*\"|'[^']*'", "…", text)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
