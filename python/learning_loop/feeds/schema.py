"""A JSON Schema of each feed, from its declaration: it accepts the rows that the night keeps.

It is about rows of JSON as programs write them. The night takes some more, for CSV and for odd senders: `LENIENT` names
them. `BEYOND` names what no schema can say of a row by itself. tests/python/feeds compare the rest with the SQL that
judges, on generated rows.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from learning_loop.landing.declaration import Feed, Field
from learning_loop.project import project_dir

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LENIENT = (
    "objects and lists within a text, as CSV and Parquet carry them",
    "numbers within a text that have an exponent",
    "an instant written as a number (20260212), and offsets that carry it over the ends of the years 2000 to 9999",
)
BEYOND = (
    "A row comes once: of two rows of one identity with different contents the one of the least instant is kept, the"
    " other is `conflicting_redelivery`; the same row again is counted as redelivered.",
    "Rows of an erased person, and rows older than the policy `retention` keeps, are passed over (ignored).",
    "A text that is itself a JSON object or array is no text (`wrong_type`).",
    "A line is UTF-8, one JSON object, of 16 MiB at most, its texts of 1 MiB at most, nested no deeper than 64, without"
    " NUL.",
)
ABSENT = [None, ""]
# DuckDB's trim takes the spaces of Unicode (category Zs) and no others.
SPACE = "[ \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]*"
# Letters beside A to Z whose lower case is a plain letter.
OTHER_CASES = {"k": "\u212a", "i": "\u0130"}
DEFINITIONS: Schema = {
    "filled": {"description": "It is there, and not empty.", "not": {"enum": ABSENT}},
    "chosen": {
        "description": "It is there, and not blank.",
        "not": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": f"^{SPACE}$"}]},
    },
}


def schema(feed: Feed) -> Schema:
    """Return the JSON Schema (2020-12) of a feed's rows."""
    always = [field for field in feed.fields if not field.when]
    conditions: list[dict[str, str]] = []
    for field in feed.fields:
        if field.when and field.when not in conditions:
            conditions.append(field.when)
    rules = [_expanded(rule) for rule in feed.rules]
    for when in conditions:
        asked = {"properties": {path: {"const": value} for path, value in when.items()}, "required": [*when]}
        rules.append({"if": asked, "then": _object(feed, [field for field in feed.fields if field.when == when])})
    tops = {field.path.split(".")[0] for field in feed.fields if "." in field.path}
    found = {
        "$schema": DIALECT,
        "title": feed.name,
        "description": feed.says,
        "type": "object",
        **_object(feed, always, tops),
        "examples": list(feed.examples),
    }
    if rules:
        found["allOf"] = rules
    if "#/$defs/" in str(rules):
        found["$defs"] = DEFINITIONS
    return found


def choices(field: Field) -> list[str]:
    """Return the values of a choice, whether the declaration or a seed names them."""
    if not isinstance(field.of, dict):
        return list(field.of or [])
    seed = next((project_dir() / "seeds").rglob(f"{field.of['seed']}.csv"))
    with seed.open(encoding="utf-8", newline="") as file:
        return sorted({row[field.of["column"]] for row in csv.DictReader(file)})


def one_of(words: Iterable[str], or_absent: bool = False, until: str | None = None) -> Schema:
    """Return what accepts one of some words in any case, between spaces, and any remark that begins with `until`."""
    any_case = "|".join("".join(_letter(sign) for sign in word) for word in words)
    remark = f"(?:{re.escape(until)}[\\s\\S]*)?" if until else ""
    pattern = f"^{SPACE}(?:{any_case}){'?' if or_absent else ''}{SPACE}{remark}$"
    return {"type": ["string", "null"] if or_absent else "string", "pattern": pattern}


def _letter(sign: str) -> str:
    if not sign.isalpha():
        return re.escape(sign)
    return f"[{sign}{sign.upper()}{OTHER_CASES.get(sign, '')}]"


def _expanded(rule: Any) -> Any:
    """Return a rule of a declaration with `one_of` written out."""
    if isinstance(rule, list):
        return [_expanded(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    rest = {key: _expanded(part) for key, part in rule.items() if key not in ("one_of", "or_absent")}
    return rest | (one_of(rule["one_of"], rule.get("or_absent", False)) if "one_of" in rule else {})


def _object(feed: Feed, fields: list[Field], tops: Iterable[str] = ()) -> Schema:
    """Return what some fields of a feed ask of a row: properties, and which must be there."""
    tree: dict[str, Any] = {top: {} for top in tops}
    for field in fields:
        at = tree
        for step in field.path.split("."):
            at = at.setdefault(step, {})
        at[""] = field
    return _node(feed, tree, 0)


def _node(feed: Feed, tree: dict[str, Any], depth: int) -> Schema:
    properties: Schema = {}
    required = []
    for name, inner in tree.items():
        if name == "":
            continue
        field = inner.get("")
        if set(inner) <= {""} and field is not None:
            properties[name] = _value(field)
            must = field.required
        else:
            within = _node(feed, inner, depth + 1)
            must = "required" in within or (field is not None and field.required)
            must = must or (depth == 0 and name in feed.required_objects)
            if must:
                properties[name] = {"type": "object", **within}
            elif depth == 0:
                properties[name] = {"anyOf": [{"enum": ABSENT}, {"type": "object", **within}]}
            else:  # what is no object here is passed over
                properties[name] = within
        if must:
            required.append(name)
    return {"properties": properties, **({"required": required} if required else {})}


def _value(field: Field) -> Schema:
    found = _kind(field)
    if field.is_person or field.treat == "redact":
        what = "a person's id" if field.is_person else "free text: addresses and phone numbers are struck out"
        return {"$comment": what, **found}
    return found


def _kind(field: Field) -> Schema:
    """Return what a field's kind accepts; absent, null and empty are one, and of a required field refused."""
    most = field.at_most or (256 if field.kind == "id" else None)
    longest = {"maxLength": most} if most else {}
    if field.kind in ("id", "text", "word"):
        types = ["string", "number", "boolean"]
        return {"type": types, "minLength": 1, **longest} if field.required else {"type": [*types, "null"], **longest}
    if field.kind == "choice":
        return one_of(choices(field), not field.required, field.until)
    if field.kind in ("texts", "objects", "json"):
        return {"not": {"enum": ABSENT}} if field.required else {}
    accepted = {"instant": _instant, "boolean": _boolean, "number": _number, "integer": _integer}
    one = (
        accepted[field.kind](field)
        if field.kind in accepted
        else [{"type": {"list": "array"}.get(field.kind, "object")}]
    )
    absent = [] if field.required else [{"enum": ABSENT if field.quoted else [None]}]
    parts = [*absent, *one]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _instant(_: Field) -> list[Schema]:
    return [{"type": "string", "pattern": INSTANT}]


def _boolean(_: Field) -> list[Schema]:
    words = "|".join(
        "".join(_ascii(sign) for sign in word) for word in ("true", "false", "yes", "no", "t", "f", "y", "n")
    )
    return [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": f"^(?:{words}|0|1)$"}]


def _ascii(letter: str) -> str:
    return f"[{letter}{letter.upper()}]"


def _number(field: Field) -> list[Schema]:
    text, bounds = "[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)", {}
    if field.between:
        bounds = {"minimum": field.between[0], "maximum": field.between[1]}
        # Of other ranges no pattern is tried: there a number within a text is refused.
        text = "0*(?:0\\.?[0-9]*|\\.[0-9]+|1(?:\\.0*)?)" if field.between == [0, 1] else ""
    within_text = [{"type": "string", "pattern": f"^{text}$"}] if field.quoted and text else []
    return [{"type": "number", **bounds}, *within_text]


def _integer(_: Field) -> list[Schema]:
    whole = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999}
    return [whole, {"type": "string", "pattern": "^[0-9]{1,12}(?:\\.0+)?$"}]


def _instant_pattern() -> str:
    """Return what accepts an instant of ISO 8601 that exists, of the years 2000 to 9999."""
    leap = "(?:[2-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:2[048]|[3579][26]|[468][048])00)"
    year = "[2-9][0-9]{3}"

    def days(dash: str) -> str:
        long, short = (
            f"(?:0[13578]|1[02]){dash}(?:0[1-9]|[12][0-9]|3[01])",
            f"(?:0[469]|11){dash}(?:0[1-9]|[12][0-9]|30)",
        )
        february = f"02{dash}(?:0[1-9]|1[0-9]|2[0-8])"
        return f"(?:{year}{dash}(?:{long}|{short}|{february})|{leap}{dash}02{dash}29)"

    clock = (
        "(?:[01][0-9]|2[0-3])(?::?[0-5][0-9](?::?(?:[0-5][0-9]|60)(?:[.,][0-9]+)?)?)?|24(?::?00(?::?00(?:[.,]0+)?)?)?"
    )
    zone = " ?(?:[zZ]|[uU][tT][cC]|[gG][mM][tT]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9](?::?[0-5][0-9])?)?)?"
    return f"^{SPACE}(?:{days('-')}|{days('')})(?:[tT ](?:{clock}){zone})?{SPACE}$"


INSTANT = _instant_pattern()


def write(feeds: Iterable[Feed], folder: Path) -> list[Path]:
    """Write each feed's schema to a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for feed in feeds:
        path = folder / f"{feed.name}.schema.json"
        path.write_text(json.dumps(schema(feed), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return written
