"""One night at a time on a lake, wherever it runs: an advisory lock of the catalogue; it dies with its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from learning_loop.errors import AnotherNightRuns, NightFailed, WrongUse
from learning_loop.lake.catalogue import CATALOGUE, Lake

KEY = 0x6C6F6F70  # "loop"; advisory locks are of one database, and so is a lake


@dataclass(frozen=True)
class Lock:
    """The lock of a night; of a catalogue in a file, which one process alone can open, there is none to ask."""

    connection: Any = None

    def must_be_held(self) -> None:
        """Refuse to go on without it.

        Raises:
            NightFailed: the connection that held it is gone, and another night may have begun.
        """
        if self.connection is None:
            return
        try:
            held = _ask(self.connection, "select count(*) from pg_locks where locktype = 'advisory' and granted"
                        f" and pid = pg_backend_pid() and objid = {KEY}")  # fmt: skip
        except Exception as error:
            raise NightFailed(
                "The connection to the catalogue was lost, and with it the lock: another night may run. Run it again."
            ) from error
        if not held:
            raise NightFailed("The lock of the catalogue is no longer this night's. Run it again.")


@contextmanager
def exclusive(lake: Lake) -> Iterator[Lock]:
    """Hold the lake for one night.

    Raises:
        AnotherNightRuns: another process holds it.
        WrongUse: the catalogue cannot be reached.
    """
    if not lake.is_shared:
        yield Lock()
        return
    import adbc_driver_postgresql.dbapi as adbc  # only a lake needs it

    try:
        connection = adbc.connect(lake.catalogue, autocommit=True)
    except Exception as error:
        raise WrongUse(
            f"The catalogue that {CATALOGUE} names cannot be reached ({type(error).__name__}). "
            "Look at the address, the server and the password file."
        ) from error
    with connection:
        if not _ask(connection, f"select pg_try_advisory_lock({KEY})"):
            raise AnotherNightRuns("Another night is running on this lake. Wait for it to end.")
        yield Lock(connection)


def _ask(connection: Any, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()[0][0]
