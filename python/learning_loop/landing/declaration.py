"""The feeds as their staging YAML declares them: the one place that says what is sent and what must hold of it.

The macros of the night read the same from the graph of dbt (macros/feeds/feed_declaration.sql); here they are read from
the files, for whatever runs without dbt: which files are a feed's, which fields are persons, what a row may look like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from learning_loop.errors import WrongUse

KINDS = (
    "id", "text", "choice", "word", "instant", "boolean", "number", "integer", "object", "objects", "list", "texts",
    "json",
)  # fmt: skip
TREATMENTS = ("redact", "pseudonym", "pseudonym_unless_hashed", "signed")


# What a feed says of itself, for people: it decides nothing, so a change of it is no other code (project.code_version).
DESCRIBING = ("says", "needed", "switches_on", "examples", "rules", "beyond")


class DeclarationError(WrongUse):
    """A feed is declared wrongly; the message names the feed, the column and what may stand there."""


@dataclass(frozen=True)
class Field:
    """One field of a feed.

    ``path`` is where the sender writes it, dotted where it lies in an object; ``column`` is what it is stored as.
    ``of`` lists the values of a choice, or names the seed and the column that do; of what is sent, only what stands
    before ``until`` is the value.
    """

    column: str
    kind: str
    path: str
    description: str = ""
    required: bool = False
    of: list[str] | dict[str, str] | None = None
    until: str | None = None
    at_most: int | None = None
    treat: str | None = None
    when: dict[str, str] = field(default_factory=dict)
    between: list[float] | None = None
    quoted: bool = True
    missing: str = "missing_field"
    stored: str | None = None  # as what kind a model stores it, where that is another

    @property
    def is_person(self) -> bool:
        """Whether the value is a person's id, which is never stored as it came."""
        return self.treat in ("pseudonym", "pseudonym_unless_hashed")


@dataclass(frozen=True)
class Feed:
    """A feed: ``path_pattern`` (fnmatch, below the landing folder) tells its files, ``fields`` what its rows hold."""

    name: str
    path_pattern: str
    reader_version: int
    model: str = ""
    identity: tuple[str, ...] = ()
    instant: str = ""
    fields: tuple[Field, ...] = ()
    required_objects: tuple[str, ...] = ()
    says: str = ""  # what it is
    needed: str = ""  # when one needs it
    switches_on: tuple[str, ...] = ()  # what the night makes of it
    examples: tuple[dict[str, Any], ...] = ()  # made-up rows, one of each kind
    rules: tuple[dict[str, Any], ...] = ()  # what no single field says, as JSON Schema
    beyond: tuple[str, ...] = ()  # what no schema can say

    @property
    def person_columns(self) -> list[str]:
        """The columns that say whose a stored row is."""
        return [one.column for one in self.fields if one.is_person]


def person_keys(feeds: Iterable[Feed]) -> set[str]:
    """Return what keys are called that say who a person is, as `folded` writes them: fields of any feed, and objects
    right around them. macros/landing/person_fields.sql makes the same of the same declarations.
    """
    fields = [one for feed in feeds for one in feed.fields if one.is_person]
    return {folded(name) for one in fields for name in (*one.path.split(".")[-2:], one.column)}


def folded(key: str) -> str:
    """Return a key as its letters alone, whatever their case: user_id, userId and USER-ID are one."""
    return key.casefold().replace("_", "").replace("-", "")


@cache
def declared_feeds(project: Path) -> tuple[Feed, ...]:
    """Return every feed, in the order of the files and models of models/staging.

    Raises:
        DeclarationError: a declaration is no good.
    """
    import yaml  # a command that reads the published file needs no declaration

    found = []
    for path in sorted((project / "models/staging").rglob("*.yml")):
        for model in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader).get("models") or []:
            if model.get("config", {}).get("materialized") == "landing_feed":
                found.append(_feed(model))
    return tuple(found)


def _feed(model: dict[str, Any]) -> Feed:
    meta = model["config"].get("meta", {})
    lacking = [name for name in ("feed", "files", "reader_version", "identity", "instant") if not meta.get(name)]
    if lacking:
        raise DeclarationError(f"{model['name']}: config.meta lacks {', '.join(lacking)}.")
    columns = {column["name"] for column in model.get("columns", [])}
    known = {"feed", "files", "reader_version", "identity", "instant", "objects", "about", *DESCRIBING}
    if unknown := sorted(set(meta) - known):
        raise DeclarationError(f"{model['name']}: {', '.join(unknown)} means nothing in config.meta of a feed.")
    if unknown := [name for name in (*meta["identity"], meta["instant"]) if name not in columns]:
        raise DeclarationError(f"{model['name']}: identity or instant names no column: {', '.join(unknown)}.")
    return Feed(
        name=meta["feed"],
        path_pattern=meta["files"],
        reader_version=int(meta["reader_version"]),
        model=model["name"],
        identity=tuple(meta["identity"]),
        instant=meta["instant"],
        fields=tuple(_field(model["name"], column) for column in model["columns"] if "config" in column),
        required_objects=tuple(name for name, said in meta.get("objects", {}).items() if said.get("required")),
        says=meta.get("says", ""),
        needed=meta.get("needed", ""),
        **{name: tuple(meta.get(name, ())) for name in ("switches_on", "examples", "rules", "beyond")},
    )


def _field(model: str, column: dict[str, Any]) -> Field:
    meta = dict(column["config"].get("meta", {}))
    kind = meta.pop("field", None)
    path = meta.pop("path", None) or meta.pop("sent", None) or column["name"]
    meta.pop("elements", None)
    treat = meta.get("treat")
    where = f"{model}.{column['name']}"
    if kind not in KINDS:
        raise DeclarationError(f"{where} is declared as field: {kind}. There are {', '.join(KINDS)}.")
    if treat is not None and treat not in TREATMENTS:
        raise DeclarationError(f"{where} is declared as treat: {treat}. There are {', '.join(TREATMENTS)}.")
    if (kind == "choice") != ("of" in meta):
        raise DeclarationError(f"{where}: a choice, and nothing else, says `of` what.")
    if unknown := set(meta) - set(Field.__dataclass_fields__):
        raise DeclarationError(f"{where}: {', '.join(sorted(unknown))} means nothing here.")
    return Field(column=column["name"], kind=kind, path=path, description=column.get("description", ""), **meta)
