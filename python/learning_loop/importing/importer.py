"""An importer: one SQL file whose header says what it expects, and where such files lie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from learning_loop.errors import WrongUse
from learning_loop.project import project_dir

SHIPPED = Path(__file__).with_name("importers")
HEADER = {"expects", "follows", "feeds", "records_in", "settings", "values"}
MAP = {"settings", "values", "columns"}


@dataclass(frozen=True)
class Importer:
    """What an importer's header says, and its SQL.

    ``feeds`` are the views that may come out; ``records_in`` are keys of an object whose list holds the records.
    ``settings`` and ``values`` (field, word: what it means) are defaults that a map overrides.
    """

    name: str
    path: Path
    sql: str
    expects: str
    follows: str
    feeds: tuple[str, ...]
    records_in: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


def known() -> dict[str, Path]:
    """Return the importers by name: those of the package, and over them those in ``importers`` of the project."""
    return {
        path.stem: path
        for folder in (SHIPPED, project_dir() / "importers")
        if folder.is_dir()
        for path in sorted(folder.glob("*.sql"))
    }


def load(named: str) -> Importer:
    """Read an importer: the name of a known one, or the path of an SQL file.

    Raises:
        WrongUse: there is none, or its header says something that cannot be meant.
    """
    path = known().get(named) or (Path(named) if named.endswith(".sql") else None)
    if path is None:
        raise WrongUse(
            f"There is no importer {named}. There are {', '.join(known())}; or name an SQL file: ./{named}.sql."
        )
    try:
        sql = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise WrongUse(f"The importer {path} cannot be read: {_reason(error)}. Name an SQL file.") from error
    said = _yaml("".join(_header_lines(sql)), f"The header of {path}")
    lacking = [name for name in ("expects", "follows", "feeds") if not said.get(name)]
    if lacking:
        raise WrongUse(
            f"The header of {path} lacks {', '.join(lacking)}. Begin the file with lines such as `-- feeds: [events]`."
        )
    _refuse_unknown(said, HEADER, f"The header of {path}")
    return Importer(
        path.stem, path, sql, str(said["expects"]), str(said["follows"]), tuple(said["feeds"]),
        tuple(said.get("records_in") or ()), said.get("settings") or {}, _values(said, f"The header of {path}"),
    )  # fmt: skip


def with_map(importer: Importer, path: Path | None) -> Importer:
    """Return an importer with a map laid over its defaults: what the map does not name stays.

    Raises:
        WrongUse: the map cannot be read, or says something that cannot be meant.
    """
    if path is None:
        return importer
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise WrongUse(f"--map {path} cannot be read: {_reason(error)}. Name a YAML file.") from error
    where = f"--map {path}"
    said = _yaml(text, where)
    _refuse_unknown(said, MAP, where)
    settings, columns = said.get("settings") or {}, said.get("columns") or {}
    for name, part in (("settings", settings), ("columns", columns)):
        if not isinstance(part, dict):
            raise WrongUse(f"{where}: {name} is no mapping. Write `{name}:` and below it a line for each.")
    if importer.settings and (unknown := set(settings) - set(importer.settings)) and "feed" not in importer.settings:
        raise WrongUse(
            f"{where}: settings has no {', '.join(sorted(map(str, unknown)))}. The importer {importer.name} has "
            f"{', '.join(importer.settings)}."
        )
    may = {*importer.values, *re.findall(r"(?:mapped|known)\('(\w+)'", importer.sql), *columns}
    if unknown := set(_values(said, where)) - may:
        raise WrongUse(
            f"{where}: values has no {', '.join(sorted(unknown))}. The importer {importer.name} maps "
            f"{', '.join(sorted(may)) or 'nothing'}."
        )
    values = {name: dict(words) for name, words in importer.values.items()}
    for name, words in _values(said, where).items():
        values.setdefault(name, {}).update(words)
    return Importer(
        importer.name, importer.path, importer.sql, importer.expects, importer.follows, importer.feeds,
        importer.records_in, importer.settings | settings, values, importer.columns | columns,
    )  # fmt: skip


def _header_lines(sql: str) -> list[str]:
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        # Prose is a text, whatever signs it holds: `>-` says so to YAML.
        lines.append(re.sub(r"^(expects|follows): *(?=[^ >|])", r"\1: >-\n  ", re.sub(r"^-- ?", "", line)) + "\n")
    return lines


def _yaml(text: str, where: str) -> dict[str, Any]:
    try:
        said = yaml.load(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise WrongUse(f"{where}{line} is no YAML. Write `name: value`, texts with signs in quotes.") from error
    if said is not None and not isinstance(said, dict):
        raise WrongUse(f"{where} is no YAML mapping. Write `name: value` lines.")
    return said or {}


def _values(said: dict[str, Any], where: str) -> dict[str, dict[str, Any]]:
    values = said.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(words, dict) for words in values.values()):
        raise WrongUse(f"{where}: values is no mapping of fields. Write `values: {{action: {{accept: promoted}}}}`.")
    # YAML reads a bare yes, no, on, off as true or false: the word is what was meant.
    return {
        str(name): {str(word).lower() if isinstance(word, bool) else str(word): means for word, means in words.items()}
        for name, words in values.items()
    }


def _refuse_unknown(said: dict[str, Any], may: set[str], where: str) -> None:
    if unknown := sorted(str(name) for name in set(said) - may):
        raise WrongUse(f"{where}: {', '.join(unknown)} means nothing here. There are {', '.join(sorted(may))}.")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it is no UTF-8 text"
