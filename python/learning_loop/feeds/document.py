"""Each feed in words, from its declaration alone: docs/feeds.md, and what `learning-loop feeds show` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache

from learning_loop.feeds.schema import BEYOND, LENIENT, choices
from learning_loop.landing.declaration import Feed, Field
from learning_loop.project import project_dir

KIND = {
    "id": "id", "text": "text", "choice": "choice", "word": "word", "instant": "instant", "boolean": "boolean",
    "number": "number", "integer": "whole number", "object": "object", "objects": "list of objects", "list": "list",
    "texts": "text or list of texts", "json": "any JSON",
}  # fmt: skip
INTRODUCTION = """# The feeds

<!-- Written by `learning-loop feeds document`, from models/staging/**/*.yml: change it there. -->

What may lie in the landing folder. A file lies in the folder of its feed, under any name that ends in `.jsonl`,
`.ndjson`, `.json`, `.csv` (each also `.gz`) or `.parquet`; a row is a JSON object, or a record of a table whose columns
are called like the fields. A dotted field lies in an object. Fields that no feed knows are passed over. You need no
feeds but those whose loop you want.

    learning-loop feeds                          # this list
    learning-loop feeds show events              # one of them
    learning-loop feeds template events          # an example line, to start from
    learning-loop feeds schema --out schemas     # a JSON Schema (2020-12) of each
    learning-loop check LANDING                  # what a night would make of a folder: in seconds, nothing is written

"""


def document(feeds: Iterable[Feed]) -> str:
    """Return docs/feeds.md."""
    feeds = list(feeds)
    return INTRODUCTION + "\n".join(
        [*_overview(feeds), *(part for feed in feeds for part in section(feed)), *_limits()]
    )


def section(feed: Feed) -> list[str]:
    """Return the lines that say one feed."""
    head = [
        f"## {feed.name}", "", feed.says, "",
        f"- **You need it when:** {feed.needed}",
        f"- **Files:** `{feed.path_pattern}` below the landing folder",
        f"- **A row is known by** {_names(feed, feed.identity)}; **it happened at** {_names(feed, [feed.instant])}",
        "- **It switches on:**", *(f"  - {made}" for made in feed.switches_on), "",
        "| field | kind | must be there | what it says |", "| --- | --- | --- | --- |",
        *(_row(field) for field in feed.fields), "",
        *(f"    {line}" for line in template(feed)), "",
    ]  # fmt: skip
    beyond = [f"- {rule}" for rule in feed.beyond]
    return head + (["What its schema cannot say:", "", *beyond, ""] if beyond else [])


def template(feed: Feed) -> list[str]:
    """Return a feed's example lines."""
    return [json.dumps(example, ensure_ascii=False) for example in feed.examples]


def described(text: str) -> str:
    """Return a column's description with its doc blocks filled in."""
    return re.sub(r"\{\{\s*doc\('(\w+)'\)\s*\}\}", lambda found: _blocks()[str(found[1])], text)


@cache
def _blocks() -> dict[str, str]:
    found = {}
    for path in sorted((project_dir() / "models").rglob("*.md")):
        for name, text in re.findall(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", path.read_text("utf-8"), re.DOTALL):
            found[name] = " ".join(text.split())
    return found


def _overview(feeds: list[Feed]) -> list[str]:
    rows = [f"| [{feed.name}](#{feed.name}) | {feed.needed} |" for feed in feeds]
    return ["| feed | you need it when |", "| --- | --- |", *rows, ""]


def _limits() -> list[str]:
    return [
        "## What no schema can say", "",
        "The schemas accept the rows that the night keeps. What lies beyond one row, or beyond JSON Schema:", "",
        *(f"- {rule}" for rule in BEYOND), "",
        f"The night also takes {'; '.join(LENIENT)}. The schemas do not.", "",
    ]  # fmt: skip


def _row(field: Field) -> str:
    must = "yes" if field.required else ""
    if field.when:
        of = ", ".join(f"`{value}`" for value in field.when.values())
        must = f"in {of}" if field.required else f"(read in {of})"
    return f"| `{field.path}` | {_kind(field)} | {must} | {described(field.description)}{_treatment(field)} |"


def _kind(field: Field) -> str:
    most = field.at_most or (256 if field.kind == "id" else None)
    said = KIND[field.kind] + (f" of at most {most:,} characters" if most else "")
    if field.kind == "choice":
        return "one of " + ", ".join(f"`{value}`" for value in choices(field))
    return said + (f" from {field.between[0]} to {field.between[1]}" if field.between else "")


def _treatment(field: Field) -> str:
    if field.treat == "pseudonym_unless_hashed":
        return " A person: stored as a pseudonym; one that begins with `u_` is taken for the sender's own and stays."
    if field.is_person:
        return " A person: stored as a pseudonym."
    return {"redact": " Stored without addresses and phone numbers.", "signed": " A signature: stored as written."}.get(
        field.treat or "", ""
    )


def _names(feed: Feed, columns: Iterable[str]) -> str:
    sent = {field.column: field.path for field in feed.fields}
    return ", ".join(f"`{sent[name]}`" if name in sent else f"{name} (derived)" for name in columns)
