"""What a field of a feed is made of, over one row of a table: said in a config, asked as SQL that only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = {"column", "path", "values", "else", "constant", "object"}
_AS_IT_IS = {"bool", "int2", "int4", "int8", "text", "varchar", "bpchar"}
_JSON = {"json", "jsonb"}


class Unsayable(ValueError):
    """What a config says of a field, or of a column's type, cannot be meant; the text says why."""


@dataclass(frozen=True)
class Value:
    """A column; a place in a column that holds JSON; words that mean others; a constant; an object of such values.

    ``otherwise`` is the text where nothing is there: a column that the table lacks, or a null.
    """

    column: str | None = None
    path: tuple[str, ...] = ()
    words: Mapping[str, str | None] = field(default_factory=dict)
    otherwise: str | None = None
    parts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        own = () if self.column is None else (self.column,)
        return (*own, *(name for part in self.parts.values() for name in part.columns))

    @property
    def needs(self) -> str | None:
        """The column without which it says nothing."""
        return self.column if self.otherwise is None else None

    def is_there(self, readable: Collection[str]) -> bool:
        """Whether it says anything of a table with these columns."""
        return (
            self.otherwise is not None
            or self.column in readable
            or any(part.is_there(readable) for part in self.parts.values())
        )


def read(said: Any) -> Value:
    """Return what a config says of a field: a column's name, or a map of WORDS.

    Raises:
        Unsayable: it is neither, or names what does not go together.
    """
    if is_name(said):
        return Value(column=said)
    if not isinstance(said, dict):
        raise Unsayable("write a column's name, or one of {column: …}, {constant: …}, {object: {…}}")
    if unknown := sorted(str(word) for word in said if word not in WORDS):
        raise Unsayable(f"`{unknown[0]}` is unknown. Known are {', '.join(sorted(WORDS))}")
    if len(said.keys() & {"column", "constant", "object"}) != 1 or (len(said) > 1 and "column" not in said):
        raise Unsayable("write one of column (with path, values, else), constant and object")
    if "constant" in said:
        return Value(otherwise=_text(said["constant"], "constant"))
    if "object" in said:
        if not isinstance(said["object"], dict) or not said["object"] or not all(map(is_name, said["object"])):
            raise Unsayable("`object` must be a map of names to values")
        return Value(parts={name: read(part) for name, part in said["object"].items()})
    if not is_name(said["column"]):
        raise Unsayable("`column` must be a column's name")
    return Value(
        column=said["column"],
        path=_path(said.get("path")),
        words=_words(said.get("values")),
        otherwise=_text(said["else"], "else") if "else" in said else None,
    )


def is_name(value: Any) -> bool:
    """Whether a name can be meant: a text that is not empty and holds no NUL."""
    return isinstance(value, str) and value != "" and "\0" not in value


def _text(value: Any, word: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float) or "\0" in str(value):
        raise Unsayable(f"`{word}` must be a text or a number")
    return str(value)


def _path(said: Any) -> tuple[str, ...]:
    steps = said.split(".") if isinstance(said, str) else said if said is not None else []
    if not isinstance(steps, list) or not all(map(is_name, steps)) or (said is not None and not steps):
        raise Unsayable("`path` must be like extraction.strategy, or a list of such names")
    return tuple(steps)


def _words(said: Any) -> dict[str, str | None]:
    if said is None:
        return {}
    if not isinstance(said, dict) or not said:
        raise Unsayable("`values` must be a map of the table's words to the feed's")
    # YAML reads yes and no as truths: they are the words that stand there.
    words = {_text(word, "values").strip().lower(): None if means is None else _text(means, "values")
             for word, means in said.items()}  # fmt: skip
    if len(words) < len(said):
        raise Unsayable("`values` names a word twice: words are compared trimmed and in small letters")
    return words


def expressions(
    values: Mapping[str, Value], types: Mapping[str, str], categories: Mapping[str, str], readable: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield (field, SQL over one row named t) of each field that the readable columns say anything of.

    Raises:
        Unsayable: a path leads into a column that holds no JSON.
    """
    for name, value in values.items():
        if value.is_there(readable):
            yield name, _sql(value, types, categories, readable)


def _sql(
    value: Value, types: Mapping[str, str], categories: Mapping[str, str], readable: Collection[str]
) -> str:  # fmt: skip
    """Return what becomes a column of the file: what JSON has no exact form for goes as its text."""
    if value.parts:
        return f"{_as_json(value, types, readable)}::text"
    if value.column is None or value.column not in readable:
        return f"{literal(value.otherwise or '')}::text"
    found = column(value.column)
    kind = types[value.column]
    if value == Value(column=value.column):
        if kind in _AS_IT_IS:
            return found
        return f"to_json({found})::text" if categories[value.column] in ("A", "C") else f"{found}::text"
    return _text_of(value, types)


def _text_of(value: Value, types: Mapping[str, str]) -> str:
    assert value.column is not None
    found = _place(value, types, "#>>") if value.path else f"{column(value.column)}::text"
    if value.words:
        cases = " ".join(
            f"when {literal(word)} then {'null' if means is None else literal(means)}"
            for word, means in value.words.items()
        )
        found = f"case lower(btrim({found})) {cases} else {found} end"
    return found if value.otherwise is None else f"coalesce({found}, {literal(value.otherwise)})"


def _as_json(value: Value, types: Mapping[str, str], readable: Collection[str]) -> str:
    if value.parts:
        parts = ", ".join(
            f"{literal(name)}, {_as_json(part, types, readable)}"
            for name, part in value.parts.items()
            if part.is_there(readable)
        )
        return f"jsonb_strip_nulls(jsonb_build_object({parts}))"
    if value.column is None or value.column not in readable:
        return f"to_jsonb({literal(value.otherwise or '')}::text)"
    if value.words or value.otherwise is not None:
        return f"to_jsonb({_text_of(value, types)})"
    return _place(value, types, "#>") if value.path else f"to_jsonb({column(value.column)})"


def _place(value: Value, types: Mapping[str, str], operator: str) -> str:
    assert value.column is not None
    if types[value.column] not in _JSON:
        raise Unsayable(f"{value.column} is {types[value.column]}: `path` leads into a json or jsonb column")
    steps = ", ".join(map(literal, value.path))
    return f"({column(value.column)}::jsonb {operator} array[{steps}]::text[])"


def column(name: str) -> str:
    """Name a column of the table itself: `order by` would take a bare name for the file's column, which is a text."""
    return f"t.{identifier(name)}"


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text; the session reads backslashes as they stand."""
    return "'" + text.replace("'", "''") + "'"
