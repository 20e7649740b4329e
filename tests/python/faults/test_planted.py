"""Persons planted wherever a row may hold them: after one night none stands in any byte of any output."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from entries import bad_text, candidate, content, csv_of, flag, label, lines, link, parquet_of, signal, table_of
from laws import leaks_in, outputs
from test_entries import Door
from typer.testing import CliRunner

from learning_loop import cli

AS_LINES = Callable[[str], bytes]


def name(case: str) -> str:
    """The person of a case; its case is all letters, so that it can be told in any text."""
    return f"zqx{case.replace('_', '')}xqz"


def event(case: str, **data: object) -> dict:
    return signal(f"p-{case}", 1, user_ref={"pseudonymized_user_id": name(case)}, signature={}, **data)


def mail(case: str) -> str:
    return f"{name(case)}@example.org"


def claim(case: str, **data: object) -> dict:
    row = signal(f"p-{case}", 1)
    return row | {"event_type": "evidence.claim.logged", "data": {"claim_type": "c", "confidence": 0.5} | data}


def one(row: dict, **how: object) -> bytes:
    return json.dumps(row, **how).encode() + b"\n"  # type: ignore[arg-type]


def hers(case: str) -> dict:
    return label(f"p-{case}", 1) | {"actor_user_id": name(case), "note": "x"}


def escaped(case: str, text: str, by: str) -> bytes:
    return one(hers(case)).replace(text.encode(), by.encode())


EVENT, LABEL, CANDIDATE, FLAG = (
    "events/{}.jsonl",
    "ingest_editor_labels/{}",
    "ingest_candidates/{}.jsonl",
    "quality_flags/{}",
)
# case: (file, what it holds, given the case's name)
PLANTED: dict[str, tuple[str, AS_LINES]] = {
    "ragged_csv": (LABEL + ".csv", lambda case: csv_of([hers(case)]).rstrip(b"\n") + b",more\n"),
    "short_csv": (LABEL + ".csv", lambda case: csv_of([hers(case)]).rsplit(b",", 2)[0] + b"\n"),
    "spaced_csv": (LABEL + ".csv", lambda case: csv_of([hers(case)]).replace(b",", b", ")),
    "semicolon_csv": (LABEL + ".csv", lambda case: csv_of([hers(case) | {"created_at": "soon"}], ";")),
    "pipe_csv": (LABEL + ".csv", lambda case: csv_of([hers(case)], "|")),
    "open_quote_csv": (LABEL + ".csv", lambda case: csv_of([hers(case) | {"note": "@"}]).replace(b"@", b'"open')),
    "not_utf8_csv": (LABEL + ".csv", lambda case: csv_of([hers(case) | {"note": "@"}]).replace(b"@", b"\xe9")),
    "person_in_the_header": (LABEL + ".csv", lambda case: f"id,{name(case)}\nx,{name(case)}\n".encode()),
    "no_header_csv": (LABEL + ".csv", lambda case: csv_of([hers(case), hers(case)]).split(b"\n", 1)[1]),
    "python_repr": (LABEL + ".jsonl", lambda case: repr(hers(case)).encode() + b"\n"),
    "javascript": (LABEL + ".jsonl", lambda case: f"{{id: 'x', actor_user_id: \"{name(case)}\"}}\n".encode()),
    "array_line": (LABEL + ".jsonl", lambda case: one([hers(case)])),  # type: ignore[arg-type]
    "cut_line": (LABEL + ".jsonl", lambda case: one(hers(case))[:-30] + b"\n"),
    "two_on_a_line": (LABEL + ".jsonl", lambda case: one(hers(case)).strip() * 2 + b"\n"),
    "log_line": (LABEL + ".jsonl", lambda case: f"ERROR no such user: {name(case)}\n".encode()),
    "text_line": (LABEL + ".jsonl", lambda case: f'"{name(case)}"\n'.encode()),
    "not_utf8_line": (LABEL + ".jsonl", lambda case: one(hers(case)).replace(b"promoted", b"\xff")),
    "long_line": (LABEL + ".jsonl", lambda case: one(hers(case) | {"note": "x" * (5 << 20)})),
    "long_text": (LABEL + ".jsonl", lambda case: one(hers(case) | {"note": "x" * (2 << 20)})),
    "deep_row": (LABEL + ".jsonl", lambda case: one(hers(case)).replace(b'"x"', b"[" * 90 + b"]" * 90)),
    "nul_character": (LABEL + ".jsonl", lambda case: escaped(case, '"x"', '"\\u0000"')),
    "escaped_key": (LABEL + ".jsonl", lambda case: escaped(case, "actor_user_id", "\\u0061ctor_user_id").replace(b"2026", b"x")),
    "escaped_value": (LABEL + ".jsonl", lambda case: escaped(case, "zqx", "\\u007aqx").replace(b"2026", b"x")),
    "key_twice": (LABEL + ".jsonl", lambda case: one(hers(case) | {"action": "x"})[:-2] + f', "actor_user_id": "{name(case)}"}}\n'.encode()),
    "key_in_capitals": (LABEL + ".jsonl", lambda case: escaped(case, "actor_user_id", "Actor_User_Id")),
    "person_as_a_list": (LABEL + ".jsonl", lambda case: one(hers(case) | {"actor_user_id": [name(case)]})),
    "person_as_an_object": (LABEL + ".jsonl", lambda case: one(hers(case) | {"actor_user_id": {"id": name(case)}})),
    "person_as_a_key": (LABEL + ".jsonl", lambda case: one(hers(case) | {"actor_user_id": {name(case): 1}})),
    "person_deeper": (LABEL + ".jsonl", lambda case: one({"x": [{"actor_user_id": name(case)}], "id": "x"})),
    "person_within_a_text": (LABEL + ".jsonl", lambda case: one({"id": "x", "note": json.dumps(hers(case))})),
    "raised_by": (FLAG + ".jsonl", lambda case: one(flag("x", 1) | {"raised_by": name(case), "flag": "moon"})),
    "user_ref_as_text": (EVENT, lambda case: one(event(case) | {"data": event(case)["data"] | {"user_ref": name(case)}})),
    "user_ref_as_list": (EVENT, lambda case: one(event(case) | {"data": event(case)["data"] | {"user_ref": [name(case)]}})),
    "user_ref_as_json_text": (EVENT, lambda case: one(event(case) | {"data": json.dumps(event(case)["data"]), "timestamp": "x"})),
    "data_as_text": (EVENT, lambda case: one(event(case) | {"data": name(case)})),
    "bad_instant": (EVENT, lambda case: one(event(case) | {"timestamp": "not a time"})),
    "instant_is_the_person": (EVENT, lambda case: one(event(case) | {"timestamp": mail(case)})),
    "conflict": (EVENT, lambda case: one(event(case)) + one(event(case, category="x"))),
    "parquet_of_no_text": (LABEL + ".parquet", lambda case: parquet_of(with_column(case, bad_text([name(case).encode() + b"\xff"])))),
    "parquet_of_bytes": (LABEL + ".parquet", lambda case: parquet_of(with_column(case, pa.array([name(case).encode() + b"\xff"])))),
    "parquet_that_is_none": (LABEL + ".parquet", lambda case: name(case).encode() * 20),
    "parquet_cut": (LABEL + ".parquet", lambda case: parquet_of(table_of([hers(case)]))[:-20]),
    "parquet_list": (LABEL + ".parquet", lambda case: parquet_of(with_column(case, pa.array([[name(case)]])))),
    "mail_in_issue_type": (EVENT, lambda case: one(signal("p-it", 1, signature={"issue_type": mail(case)}))),
    "mail_in_workflow_phase": (EVENT, lambda case: one(signal("p-wp", 1, signature={"workflow_phase": mail(case)}))),
    "mail_in_invariant_id": (EVENT, lambda case: one(signal("p-ii", 1, signature={"invariant_id": mail(case)}))),
    "mail_in_agent_version": (EVENT, lambda case: one(signal("p-av", 1, signature={"agent_version": mail(case)}))),
    "mail_in_cluster_signature": (EVENT, lambda case: one(signal("p-cs", 1, cluster_signature=f"for {mail(case)}"))),
    "mail_in_signal_type": (EVENT, lambda case: one(signal("p-st", 1, signal_type=mail(case)))),
    "mail_in_claim_type": (EVENT, lambda case: one(claim(case, claim_type=mail(case)))),
    "mail_in_parser_version": (EVENT, lambda case: one(claim(case, provenance={"parser_version": mail(case)}))),
    "mail_escaped": (EVENT, lambda case: one(signal("p-me", 1, signature={"issue_type": mail(case)})).replace(f"{name(case)}@".encode(), f"{name(case)}\\u0040".encode())),
    "mail_escaped_in_a_bad_row": (EVENT, lambda case: one(signal("p-mb", 1, note=mail(case)) | {"timestamp": "x"}).replace(f"{name(case)}@".encode(), f"{name(case)}\\u0040".encode())),
    "mail_not_ascii": (CANDIDATE, lambda case: one(candidate("p-na", 1) | {"title": f"Für {name(case)}ü@exämple.org"}, ensure_ascii=False)),
    "mail_not_ascii_in_a_key": (EVENT, lambda case: one(signal("p-nk", 1, signature={"issue_type": f"é{name(case)}@例え.jp"}), ensure_ascii=False)),
    "mail_in_a_title": (CANDIDATE, lambda case: one(candidate("p-ti", 1) | {"title": f"Ask {mail(case)}, <{mail(case)}>"})),
    "mail_with_a_plus": (CANDIDATE, lambda case: one(candidate("p-mp", 1) | {"title": f"{name(case)}+x@example.org"})),
    "mail_in_upper_case": (CANDIDATE, lambda case: one(candidate("p-uc", 1) | {"title": f"Ask {mail(case).upper()}"})),
    "mail_with_a_quoted_name": (CANDIDATE, lambda case: one(candidate("p-qn", 1) | {"title": f'Ask "a {name(case)}"@example.org'})),
    "mail_with_a_quoted_quote": (CANDIDATE, lambda case: one(candidate("p-qq", 1) | {"title": f'Ask "{name(case)} \\" b"@example.org'})),
    "mail_with_a_quoted_name_in_a_bad_row": (EVENT, lambda case: one(signal("p-qb", 1, note=f'ask "a {name(case)}"@x.org') | {"timestamp": "x"})),
    "mail_with_odd_signs": (CANDIDATE, lambda case: one(candidate("p-os", 1) | {"title": f"Ask {name(case)}!#b@example.org"})),
    "mail_at_an_address": (CANDIDATE, lambda case: one(candidate("p-aa", 1) | {"title": f"Ask {name(case)}@[192.168.0.1]"})),
    "undeclared_user_ref": (FLAG + ".jsonl", lambda case: one(flag("x", 1) | {"flag": "moon", "user_ref": {"id": name(case)}})),
    "undeclared_key_beside_the_person": (EVENT, lambda case: one(event(case) | {"timestamp": "x", "data": event(case)["data"] | {"user_ref": {"pseudonymized_user_id": "u", "login": name(case)}}})),
    "undeclared_key_deep_within": (CANDIDATE, lambda case: one(candidate("p-uk", 1) | {"created_at": "x", "meta_json": {"a": [{"User_Ref": [{"x": name(case)}]}]}})),
    "key_in_camel_case": (LABEL + ".jsonl", lambda case: one(label("x", 1) | {"created_at": "x", "by": {"actorUserId": name(case)}})),
    "key_with_dashes": (LABEL + ".jsonl", lambda case: one(label("x", 1) | {"created_at": "x", "USER-ID": name(case)})),
    "mail_in_a_url": (CANDIDATE, lambda case: one(candidate("p-ur", 1) | {"source_url": f"https://x.org/?mail={mail(case)}"})),
}  # fmt: skip
# National and international ways to write a number; each is looked for as it was written.
PHONES = [
    "+49 30 7716053", "+1 (415) 771-6053", "(030) 7716 0531", "030 77160532", "030/7716-0533", "0171-7716053",
    "0171 771 60 54", "01 77 16 05 35", "(415) 771-6053", "415-771-6054", "415.771.6055", "020 7716 0536", "07716 053537",
    "00 49 30 77160538", "1-800-771-6053",
]  # fmt: skip


def with_column(case: str, column: pa.Array) -> pa.Table:
    table = table_of([hers(case)])
    return table.set_column(table.column_names.index("actor_user_id"), "actor_user_id", column)


def crowd(case: str) -> bytes:
    """Signals of many for two weeks, so that what they say becomes a candidate of the backlog, with an address in it."""
    rows = [
        signal(f"p-{case}", number, signature={"issue_type": mail(case)})
        | {"timestamp": f"2026-02-0{1 + number % 8}T10:{number % 60:02}:00Z"}
        for number in range(240)
    ]
    for number, row in enumerate(rows):
        row["data"]["user_ref"] = {"pseudonymized_user_id": f"user-{number % 20}"}
    return lines(rows)


def ticket(case: str) -> bytes:
    """A ticket of Stage-B that goes to review, with addresses in every text."""
    row = {
        "mission": "m", "ticket_key": f"{mail(case)}::pass", "group_id": mail(case), "gt_label": "pass", "global_step": 3,
        "epoch": 1, "timestamp": "2026-02-09T10:00:00Z",
        "result": {"verdict": "fail", "reason": f"ask {mail(case)}", "label_match": False, "selected_candidate": 0,
                   "needs_manual_review": True},
    }  # fmt: skip
    return one(row)


PLANTED |= {
    "crowd": (EVENT, crowd),
    "ticket": ("stage_b/2026-02-09/m/selections.jsonl", ticket),
}


def said(door: Door, root: Path) -> dict[str, bytes]:
    """What the commands say of the published file, and what they write."""
    asked = ["--warehouse", str(door.house.warehouse)]
    landing = ["--landing", str(door.house.landing)]
    told = {}

    def say(*arguments: str) -> bytes:
        done = CliRunner().invoke(cli.app, list(arguments))
        assert done.exit_code in (0, 4), (arguments, done.output, done.exception)
        told["said: " + " ".join(arguments)] = done.output.encode()
        return done.output.encode()

    say("report", "--out", str(root / "report.html"), *asked)
    say("status", *asked)
    say("stage-b", "review", "--mission", "m", *asked)
    say("stage-b", "export", "--mission", "m", "--out", str(root / "exported"), *asked)
    keys = [one["candidate_key"] for one in json.loads(say("backlog", "list", "--json", *asked, *landing))]
    assert keys
    for key in keys:
        for form in ("json", "github", "beads"):
            say("backlog", "export", key, "--format", form, *asked, *landing)
    return told


@pytest.fixture(scope="module")
def found(nursery, tmp_path_factory) -> dict[str, bytes]:
    """All outputs, by place, of one whole night over everything planted, of the commands over it, and of one that fails."""
    root = tmp_path_factory.mktemp("planted")
    door = Door(root, nursery, is_bound=True)
    landing = door.house.landing
    for case, (path, rows) in PLANTED.items():
        content(rows(case))(os.fsencode(landing / path.format(case)))
    texts = [candidate("p-phone", number) | {"title": f"Call {phone} today"} for number, phone in enumerate(PHONES)]
    content(lines(texts))(os.fsencode(landing / "ingest_candidates/phones.jsonl"))
    for ending in (".jsonl", ".csv", ".json", ".parquet", ".jsonl.gz", ".txt"):
        salt = os.fsencode(door.house.warehouse.with_name("learning_loop.salt"))
        link(lambda _, to=salt: to)(os.fsencode(landing / f"events/salt{ending}"))
        os.link(salt, os.fsencode(landing / f"events/salt-itself{ending}"))
    told = door.run(select=[])
    assert told["status"] == 0, told
    commands = said(door, root)
    content(PLANTED["python_repr"][1]("failed"))(os.fsencode(landing / "backlog_decisions/failed.jsonl"))
    # Of what the night reads the first by its name.
    copy = door.house.warehouse.with_name(f".{door.house.warehouse.name}.night") / "copies/0.parquet"
    told = door.run(at="node landing_rows", do=[["shrink", str(copy)]])
    assert told["status"] == 1, told
    return outputs(root, door.house) | commands


@pytest.mark.parametrize("case", [*PLANTED, "failed"])
def test_planted_person_stands_nowhere(found, case):
    # Of an escaped one the rest still tells who it is.
    assert leaks_in(found, re.compile(name(case)[2:].encode(), re.IGNORECASE)) == []


@pytest.mark.parametrize("phone", PHONES)
def test_phone_number_in_a_free_text_stands_nowhere(found, phone):
    assert leaks_in(found, re.compile(re.escape(phone).encode())) == []


def test_salt_that_a_link_leads_to_stands_nowhere(found):
    assert leaks_in(found, re.compile(b"qsalt")) == []


def test_planted_rows_were_read_at_all(found):
    rows = found["main.quarantined_rows"].count(b"\n")
    assert rows >= 30 and b"outside_landing" in found["main.quarantined_rows"]
    assert {"warehouse/learning_loop.duckdb", "warehouse/failed_nights.jsonl", "report.html"} <= set(found)
    assert any(place.startswith("exported/") for place in found)
    assert b"[email]" in found["report.html"]
