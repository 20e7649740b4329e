"""`learning-loop erase`: forget a person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from learning_loop.erasure import files
from learning_loop.errors import SaltError, WrongUse
from learning_loop.landing import approvals, decisions, tombstones
from learning_loop.landing.folder import known_feeds, landing_dir
from learning_loop.landing.identity import judged_salt, load_salt
from learning_loop.night.steps import Night, exclusive
from learning_loop.terminal import AsJson, By, LandingOption, WarehouseOption, count_of, instant_text, say, say_json
from learning_loop.warehouse import is_published, open_published, read_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def erase(
    user_id: Annotated[str, typer.Argument(help="The person's id, as the senders write it.")],
    by: By,
    reason: Annotated[
        str | None, typer.Option(help="Why, e.g. the number of the request. Not the person's id.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name the files and change nothing.")] = False,
    as_json: AsJson = False,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Forget a person: rewrite the landing files that hold their rows, and have the next night drop the rest.

    The next night deletes what is stored of the person, computes every mart anew, and ignores their rows whenever
    they are delivered again. Exit code 0: done. 1: some file could not be rewritten. 2: wrong use. 3: a night runs.
    """
    folder, file = landing_dir(landing), warehouse_file(warehouse)
    _check(user_id, by, reason, folder, file)
    with exclusive(Night(folder, file, datetime.now(UTC))):
        found = files.search(folder, known_feeds(), user_id)
        if not dry_run:
            try:
                salt = load_salt(file)
            except SaltError as error:
                raise WrongUse(str(error)) from error
            # The record first: should this end half-way, the next night ignores the rows that are left.
            now = datetime.now(UTC)
            erasure_id = decisions.new_id("era", now)
            row = {
                "erasure_id": erasure_id,
                "tombstones": tombstones.tombstones(salt, user_id),
                "source_files": [held.path.relative_to(folder).as_posix() for held in found if held.rows],
                "actor": by,
                **({"reason": reason} if reason else {}),
                "created_at": instant_text(now),
            }
            decisions.record(folder, tombstones.FEED, row, erasure_id)
            for held in found:
                if held.rows and not held.error and not held.left:
                    files.rewrite(held, user_id)
    failed = [held for held in found if held.error]
    if as_json:
        say_json(
            [
                {
                    "file": str(held.path), "rows": held.rows, "mentions": held.mentions,
                    "rewritten": bool(held.rows) and not dry_run and not held.error and not held.left,
                    "error": held.error, "left": held.left,
                }
                for held in found
            ]
        )  # fmt: skip
    else:
        say(*_lines(found, dry_run))
    if failed:
        raise typer.Exit(1)


def _check(user_id: str, by: str, reason: str | None, landing: Path, warehouse: Path) -> None:
    if not user_id.strip():
        raise WrongUse("The id is empty. Name the person as the senders do.")
    if user_id in (by, reason) or files.Person(user_id).is_mentioned(f"{by} {reason or ''}"):
        raise WrongUse("The record of an erasure must not hold the id: someone else signs, and --reason leaves it out.")
    if not landing.is_dir():
        raise WrongUse(f"The landing folder {landing} does not exist. Name it with --landing or LEARNING_LOOP_LANDING.")
    try:  # a tombstone of another salt names nobody, and the erasure would look as if it were done
        judged_salt(warehouse, read_published(warehouse).salt_fingerprint)
    except SaltError as error:
        raise WrongUse(f"{error} Nothing was erased.") from error
    if is_published(warehouse):
        with open_published(warehouse) as con:
            decisions.require(con, "admin", by, datetime.now(UTC))
    with duckdb.connect() as con:  # the next night judges by the seed as it is now
        con.execute("set timezone = 'UTC'")
        decisions.require(con, "admin", by, datetime.now(UTC), f"({approvals.query()})")


def _lines(found: list[files.Held], dry_run: bool) -> list[str]:
    owned = [held for held in found if held.rows and not held.error and not held.left]
    rows = sum(held.rows for held in owned)
    verb = "Would erase" if dry_run else "Erased"
    lines = [f"{verb} {count_of(rows, 'row')} from {count_of(len(owned), 'landing file')}."]
    lines += [f"  {held.path}: {count_of(held.rows, 'row')}" for held in owned]
    mentions = [held for held in found if held.mentions and not held.left]
    if mentions:
        lines.append("Rows that are not the person's hold the id too. They were left as they are; look at them:")
        lines += [f"  {held.path}: {count_of(held.mentions, 'row')}" for held in mentions]
    if left := [held for held in found if held.left]:
        lines.append("No night reads these, and they were left as they are; look at them:")
        lines += [f"  {held.path}: {held.left}" for held in left]
    failed = [held for held in found if held.error]
    if failed:
        lines.append("Files that could not be read or rewritten; mend or remove them, and run this again:")
        lines += [f"  {held.path}: {held.error}" for held in failed]
    if not dry_run:
        lines += [
            "Next: learning-loop nightly drops what is stored of the person and computes every mart anew.",
            "  Erase the person where the rows come from, too: a database that is copied or a bucket that is synced "
            "brings them back. Copies made earlier (back-ups, kept nights, versions in a bucket) still hold them.",
        ]
    return lines
