"""`learning-loop digest`: the page's list for a chat or a mail; sent only when asked, to one https address."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from house import House
from learning_loop import cli
from learning_loop.errors import WrongUse
from learning_loop.report import digest, posting
from learning_loop.report.lanes import read_lanes
from learning_loop.report.standing import stand
from learning_loop.warehouse import open_published

AT = datetime(2026, 2, 16, 6, tzinfo=UTC)


def read(house: House, since: datetime | None = None, now: datetime = AT) -> digest.Digest:
    with open_published(house.warehouse) as connection:
        return digest.read_digest(connection, stand(connection, house.warehouse, now), since)


def test_digest_counts_what_the_page_counts_and_is_quiet_after_the_night(nights: Any) -> None:
    with open_published(nights[0].warehouse) as connection:
        lanes = read_lanes(connection, stand(connection, nights[0].warehouse, AT))
    found = read(nights[0])
    assert found.counts == [(lane.title, lane.item_count) for lane in lanes]
    on_the_list = [lane for lane in lanes if any(card.came for card in lane.cards)]
    assert [part.title for part in found.parts] == [lane.title for lane in on_the_list]
    assert all(part.more == part.count - sum(entry.count for entry in part.entries) for part in found.parts)
    assert read(nights[0], AT).is_quiet
    assert digest.write(read(nights[0], AT), "text").endswith("Nothing is new or changed.\n")


def test_of_a_later_night_only_what_came_since_is_told(nights: Any) -> None:
    found = read(nights[1], now=datetime(2026, 2, 21, 6, tzinfo=UTC))
    stopped = nights[1].query("select count(*) from feed_freshness where verdict = 'stale'")[0][0]
    assert [(part.title, part.count) for part in found.parts] == [("Feeds that stopped", stopped)]
    assert len(found.alarms) == stopped


def test_texts_of_data_are_text_in_every_form(nights: Any) -> None:
    found = read(nights[0])
    message = digest.slack(found)
    assert len(message["blocks"]) <= 50
    told = json.dumps(message, ensure_ascii=False)
    assert "<" not in told and "&lt;/script&gt;" in told
    assert all(len(block["text"]["text"]) <= 3000 for block in message["blocks"])
    kinds = {
        token.type
        for block in MarkdownIt("commonmark").parse(digest.write(found, "markdown"))
        for token in [block, *(block.children or [])]
    }
    assert not kinds & {"html_inline", "html_block", "image", "link_open", "fence", "code_block"}
    assert "\u202e" not in told + digest.write(found, "text") and "\x1b" not in digest.write(found, "text")


HOSTILE = "a `tick` of @ann & *bob*\n- next #12 \u202eturned"


def of_one(command: str) -> digest.Digest:
    entry = digest.Entry(HOSTILE, [HOSTILE], command)
    return digest.Digest("Learning loop", AT, [HOSTILE], [("To decide", 1)], [digest.Part("To decide", 1, [entry])])


def test_an_entry_is_one_line_of_a_list_whatever_its_texts_hold() -> None:
    lines = digest.markdown(of_one("learning-loop sources"))
    assert [line.split(" ")[0] for line in "\n".join(lines).splitlines() if line] == [
        "#", "New", "**a", "##", "-", ""
    ]  # fmt: skip
    assert not [line for line in digest.text(of_one("")) if "\n" in line]


def test_a_command_in_slack_is_the_command_and_one_that_would_not_be_is_left_out() -> None:
    sent = "\n".join(block["text"]["text"] for block in digest.slack(of_one("learning-loop x '@ann & _b'"))["blocks"])
    assert "`learning-loop x '@ann &amp; _b'`" in sent
    assert sent.count("`") == 2
    assert "learning-loop x" not in json.dumps(digest.slack(of_one("learning-loop x 'a`b'")))


def test_what_breaks_a_mention_is_printed_as_it_is(nights: Any) -> None:
    code, output = run(nights[0], "--now", "2026-02-16T06:00:00Z", "--format", "markdown")
    assert code == 0 and "\\<@\u200bU1\\>" in output and "@\ufffd" not in output


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "is not set"),
        ("http://hooks.example/x", "must be an https address"),
        ("https://ann:secret@hooks.example/x", "without a user"),
        ("file:///etc/passwd", "must be an https address"),
        ("https://hooks.example:port/x", "is no address"),
    ],
)
def test_an_address_that_is_not_https_is_refused_and_not_shown(
    monkeypatch: Any, address: str | None, said: str
) -> None:
    monkeypatch.delenv(posting.VARIABLE, raising=False)
    if address:
        monkeypatch.setenv(posting.VARIABLE, address)
    with pytest.raises(WrongUse, match=said) as error:
        posting.address()
    assert "secret" not in str(error.value)


class Chat(BaseHTTPRequestHandler):
    """Answers /taken with 200, /moved with a redirect to /taken, and keeps what it was sent."""

    sent: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        self.sent.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response({"/taken": 200, "/moved": 302}.get(self.path.split("?")[0], 500))
        self.send_header("Location", "/taken")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def chat(monkeypatch: Any) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    Chat.sent = []
    server = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def plain_connection(host: str, port: int, timeout: int, context: object) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(host, port, timeout=timeout)

    monkeypatch.setattr(http.client, "HTTPSConnection", plain_connection)
    yield f"https://127.0.0.1:{server.server_address[1]}", Chat.sent
    server.shutdown()


def run(house: House, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["digest", "--warehouse", str(house.warehouse), *words])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def test_posting_is_asked_for_tried_dry_first_and_follows_no_redirect(nights: Any, chat: Any, monkeypatch: Any) -> None:
    address, sent = chat
    monkeypatch.setenv(posting.VARIABLE, f"{address}/taken?token=secret")
    at = ("--now", "2026-02-16T06:00:00Z")
    assert run(nights[0], *at, "--format", "slack")[0] == 0 and sent == []
    code, output = run(nights[0], *at, "--format", "slack", "--post", "--dry-run")
    assert (code, sent) == (0, []) and "127.0.0.1" in output and "secret" not in output
    code, output = run(nights[0], *at, "--format", "slack", "--post")
    assert (code, len(sent)) == (0, 1) and "Sent to 127.0.0.1" in output
    assert json.loads(sent[0][1]) == digest.slack(read(nights[0]))
    assert "nothing was sent" in run(nights[0], *at, "--since", "2026-02-16T03:00:00Z", "--post")[1] and len(sent) == 1
    monkeypatch.setenv(posting.VARIABLE, f"{address}/moved")
    assert "a redirect" in run(nights[0], *at, "--post")[1]
    assert [path for path, _ in sent] == ["/taken?token=secret", "/moved"]
