"""The page in a browser: it runs its own script alone, asks for nothing, and its numbers are the database's."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from house import House
from learning_loop import cli
from learning_loop.report.lanes import latest_week, read_lanes
from learning_loop.report.page import write_page
from learning_loop.report.standing import stand
from learning_loop.warehouse import open_published as published
from report.planted import EVIL, HALF_SENT, LONG

# What each kind counts, asked of the tables that it is about and not of the list.
COUNTS = {
    "feed_stopped": "select count(*) from feed_freshness where verdict = 'stale'",
    "regressed_fix": "select count(*) from learning_backlog_candidates"
    " where is_regressed and status in ('approved', 'promoted')",
    "reopened_candidate": "select count(*) from learning_backlog_candidates"
    " where status = 'candidate' and reopened_count > 0",
    "new_candidate": "select count(*) from learning_backlog_candidates"
    " where status = 'candidate' and reopened_count = 0",
    "drift_alarm": "select count(distinct (claim_class, parser_version)) from extraction_drift_alarms"
    " where evidence = 'alarm' and is_live",
    "calibration_alert": "select count(*) from extraction_underperforming_classes anti join"
    " (from extraction_drift_alarms where evidence = 'alarm' and is_live) using (claim_class, parser_version)",
    "gate_opened": "select count(*) from experiment_gates where status = 'running' and sample_gate = 'open'"
    " and verdict not in ('sample_ratio_mismatch', 'guardrail_regression')",
    "experiment_in_trouble": "select count(*) from experiment_gates where status = 'running'"
    " and verdict in ('sample_ratio_mismatch', 'guardrail_regression')",
    "source_fell": "select count(*) from source_trends where trend = 'decaying'",
    "tickets_to_review": "select count(*) from stage_b_need_review_latest where not is_resolved",
    "suggestion_ready": "select count(*) from suggestion_states"
    " where status = 'planned' and experiment_verdict = 'ready_for_approval'",
    "suggestion_confirmed": "select count(*) from suggestion_states where status = 'open' and verdict = 'confirmed'",
    "suggestion_not_held": "select count(*) from suggestion_states where status = 'adopted' and held = 'not_held'",
    "hard_fail_hides": "select count(*) from rule_performance where verdict = 'hides_promoted'",
    "rule_worse_than_chance": "select count(*) from rule_performance where verdict = 'worse_than_chance'",
    "machine_promotion": "select count(*) from machine_promotions where is_promotion and created_at >"
    " (select max(as_of) from nightly_runs)"
    " - to_days((select arg_max(trend_days, effective_from) from policy.editorial))",
}
SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 375, "height": 812},
}
PHONE_HEIGHT = 9000  # pixels, as it opens
# What each lane counts: one problem may be a candidate and an alert, a class a candidate under either status.
ALERTS = (
    "(select claim_class, parser_version from extraction_underperforming_classes"
    " where period_starts_on = (select max(period_starts_on) from extraction_underperforming_classes)"
    " union select claim_class, parser_version from extraction_drift_alarms where evidence = 'alarm' and is_live)"
)
CLASS = "evidence ->> '$.claim_class', evidence ->> '$.parser_version'"
SUBJECT = f"case when source_type = 'issue_cluster' then source_ref else concat_ws('|', {CLASS}) end"
LANES = {
    "feeds": COUNTS["feed_stopped"],
    "decide": f"select count(distinct {SUBJECT}) from learning_backlog_candidates where status = 'candidate'",
    "watch": f"select count(*) from {ALERTS} as alerts anti join (select {CLASS.replace(',', ' as claim_class,')}"
    " as parser_version from learning_backlog_candidates where source_type = 'extraction_calibration') as known"
    " using (claim_class, parser_version)",
    "sources": COUNTS["source_fell"],
    "suggestions": "select sum(item_count) from attention_items where kind like 'suggestion_%'",
    **{
        kind: f"select sum(item_count) from attention_items where kind = '{kind}'"
        for kind in ("hard_fail_hides", "rule_worse_than_chance", "machine_promotion")
    },
    "experiments": f"select ({COUNTS['gate_opened']}) + ({COUNTS['experiment_in_trouble']})",
    "review": COUNTS["tickets_to_review"],
    "doubles": "select count(distinct duplicate_group) from idea_candidates where duplicate_group_size > 1"
    " and candidate_id not in (select candidate_id from ingest_editor_labels where is_first_decision)",
}

OPEN_ALL = "() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
EMPTY_CHARTS = """() => [...document.querySelectorAll('figure')].filter(figure => {
    const pictures = [...figure.querySelectorAll('svg')];
    const shown = mark => { const box = mark.getBBox(); return box.width + box.height > 0; };
    return !pictures.length || pictures.some(svg => ![...svg.querySelectorAll('.mark')].some(shown));
}).map(figure => figure.dataset.figure)"""
CUT_TEXTS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    }).map(text => svg.getAttribute('aria-label').slice(0, 40) + ': ' + text.textContent);
})"""
WHAT_COULD_RUN = """own => [...document.querySelectorAll('*')].filter(element =>
    (element.localName === 'script' && element.textContent !== own) || element.localName === 'img'
    || element.localName === 'iframe' || element.localName === 'foreignObject'
    || [...element.attributes].some(attribute =>
        attribute.name.startsWith('on') || attribute.name === 'style' || attribute.name === 'src'
        || (attribute.name.endsWith('href') && !/^(#|data:,$)/.test(attribute.value)
            && !(element.matches('a.tracker[rel="noopener noreferrer"]') && attribute.value.startsWith('https://')))
        || /url\\((?!#)/.test(attribute.value))
).map(element => element.outerHTML.slice(0, 120))"""
CLIPPED_COLUMNS = """() => [...document.querySelectorAll('.scroll')].filter(box =>
    box.checkVisibility() && !box.closest('.behind') && box.scrollWidth > box.clientWidth + 1
).map(box => box.innerText.slice(0, 80))"""
TOO_WIDE = """() => [...document.querySelectorAll('.card, .card *, .heat td, .heat th, h1, h2, h3')].filter(element => {
    const frame = element.closest('.card, section, header');
    return element.checkVisibility() && getComputedStyle(element).position !== 'absolute'
        && !element.closest('svg, pre, .scroll')
        && element.getBoundingClientRect().right > frame.getBoundingClientRect().right + 1;
}).map(element => element.localName + ': ' + element.textContent.slice(0, 80))"""
OWN_SCRIPT = Path(write_page.__code__.co_filename).with_name("page.js").read_text(encoding="utf-8")


def page_of(house: House, folder: Path, now: str = "2026-02-16T06:00:00+00:00") -> Path:
    file = folder / "report.html"
    with published(house.warehouse) as connection:
        file.write_text(write_page(connection, house.warehouse, datetime.fromisoformat(now)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def pages(nights: tuple[House, House], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    first, second = nights
    return (
        page_of(first, tmp_path_factory.mktemp("first")),
        page_of(second, tmp_path_factory.mktemp("second"), "2026-02-21T06:00:00+00:00"),
    )


class Opened:
    """A page in the browser, and all that it said or asked for."""

    def __init__(self, browser: Browser, file: Path, **options: Any):
        context = browser.new_context(**options)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())
        self.file = file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_page_is_whole_quiet_and_fits_its_window(browser: Browser, pages: Any, size: str, scheme: Any) -> None:
    opened = Opened(browser, pages[0], viewport=SIZES[size], color_scheme=scheme)
    assert opened.said == []
    assert {url for url in opened.asked if url != "data:,"} == {opened.file.as_uri()}
    assert opened.page.evaluate("window.planted") is None
    assert opened.page.evaluate(WHAT_COULD_RUN, OWN_SCRIPT) == []
    if size == "phone":
        assert opened.page.evaluate("document.documentElement.scrollHeight") < PHONE_HEIGHT
    opened.page.evaluate(OPEN_ALL)
    assert opened.page.evaluate(EMPTY_CHARTS) == []
    assert opened.page.evaluate(CUT_TEXTS) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert opened.page.evaluate(CLIPPED_COLUMNS) == []
    assert opened.page.evaluate(TOO_WIDE) == []
    assert opened.page.locator("figure").count() >= 14
    dark = opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"
    assert dark == (scheme == "dark")


def test_on_paper_nothing_is_cut_off_and_nothing_is_there_to_click(browser: Browser, pages: Any) -> None:
    paper = {"width": 700, "height": 1000}  # A4 between its margins
    with browser.new_page(viewport=paper) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(pages[0].as_uri())
        assert page.locator("nav").is_hidden()
        beyond = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(beyond) <= 0
        cut = """() => [...document.querySelectorAll('.scroll')].filter(box =>
            box.checkVisibility() && box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 80))"""
        assert page.evaluate(cut) == []
        assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(CUT_TEXTS) == []


def test_planted_texts_are_shown_as_texts(browser: Browser, pages: Any) -> None:
    text = Opened(browser, pages[0]).page.locator("main").text_content() or ""
    assert EVIL in text
    assert "{{ 7 * 7 }}" in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_a_page_that_would_run_a_script_is_stopped_by_its_own_policy(
    browser: Browser, pages: Any, tmp_path: Path
) -> None:
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(pages[0].read_text().replace("</main>", "<script>window.planted = 9</script></main>"))
    opened = Opened(browser, spoilt)
    assert opened.page.evaluate("window.planted") is None
    assert any("Content Security Policy" in message for message in opened.said)


@pytest.mark.parametrize("which", [0, 1], ids=["first night", "five days later"])
def test_every_number_of_the_list_is_that_of_a_query(browser: Browser, nights: Any, pages: Any, which: int) -> None:
    page = Opened(browser, pages[which]).page
    shown = {
        lane.get_attribute("data-lane"): int(lane.inner_text().replace(",", ""))
        for lane in page.locator("[data-lane]").all()
    }
    counted = {lane: nights[which].query(sql)[0][0] for lane, sql in LANES.items()}
    assert shown == {lane: count for lane, count in counted.items() if count}
    assert sum(shown.values()) > 10
    for lane in set(shown) - {"review", "machine_promotion"}:
        assert page.locator(f"[data-card={lane}]").count() == min(shown[lane], 60)
    titles = page.locator("[data-card=decide] h4, [data-card=watch] h4").all_text_contents()
    assert len(set(titles)) == len(titles)  # an alert and the candidate of its class are one card


def test_what_came_more_than_once_is_told_with_its_count_and_the_query_to_go_on(
    browser: Browser, nights: Any, pages: Any
) -> None:
    lane = Opened(browser, pages[0]).page.locator("#lane-doubles")
    grouped = "select count(distinct duplicate_group), count(*) from idea_candidates where duplicate_group_size > 1"
    (groups, candidates) = nights[0].query(grouped)[0]
    # A pair is one however many say so, and none if an editor keeps its two apart.
    pairs = len(set(nights[0].query("select candidate_a, candidate_b from duplicate_pairs where not is_kept_apart")))
    assert f"Candidates that say the same: {candidates}, in {groups} groups by {pairs} pairs." in (
        lane.locator(".note").first.inner_text()
    )
    cards = lane.locator("[data-card=doubles]").all()
    sizes = [int(card.locator(".badge").text_content().split(" ")[0]) for card in cards]
    of_groups = LANES["doubles"].replace(
        "count(distinct duplicate_group)", "distinct duplicate_group_size, duplicate_group"
    )
    assert sizes == [size for size, _ in sorted(nights[0].query(of_groups), reverse=True)][:60]
    assert f"Row the harbour in {EVIL}" in lane.locator("h4").all_text_contents()
    for card, size in zip(cards[:9], sizes, strict=False):
        assert len(nights[0].query(card.locator("pre").last.text_content())) == size


def test_only_what_came_up_tonight_is_called_new(browser: Browser, pages: Any) -> None:
    page = Opened(browser, pages[1]).page
    assert [tile.get_attribute("data-new") for tile in page.locator("[data-new]").all()] == ["feeds"]
    assert page.locator("[data-card=feeds] .new").count() == page.locator("[data-card=feeds]").count()
    fell = page.locator("[data-card=sources]")
    assert fell.locator(".new").count() == 0
    assert "on this list since 2026-02-16" in fell.first.inner_text()
    assert page.locator("[data-new]").first.inner_text() == "1 new"


def test_stopped_feed_is_the_first_thing_said(browser: Browser, nights: Any, pages: Any) -> None:
    assert Opened(browser, pages[0]).page.locator("[role=alert]").count() == 0
    until = "2026-02-21 02:00:00Z"
    newest = nights[1].column("select max(event_at) from staging.stg_events where event_at <= ?::timestamptz", until)[0]
    first_text = Opened(browser, pages[1]).page.inner_text("body").split("Wants a person today")[0]
    assert f"The feed events stopped: its newest row is of {newest:%Y-%m-%d %H:%M}" in first_text


def test_rate_of_a_source_whose_labels_could_not_be_used_is_said_to_be_in_doubt(
    browser: Browser, nights: Any, pages: Any
) -> None:
    told = "select quarantined_share, is_rate_in_doubt from source_overview where source_key = ?"
    assert nights[0].query(told, HALF_SENT) == [(0.2, True)]
    text = Opened(browser, pages[0]).page.locator("[data-figure=sources]").inner_text()
    said = text.split("Labels that could not be used, so that the rate may be off: ")[1]
    assert f"{HALF_SENT} 20%" in said.split(".")[0]


def test_page_of_an_empty_warehouse_says_how_to_begin(browser: Browser, empty: Any, tmp_path: Path) -> None:
    opened = Opened(browser, page_of(empty, tmp_path, datetime.now(UTC).isoformat()), viewport=SIZES["phone"])
    assert opened.said == []
    text = opened.page.inner_text("main")
    assert "Nothing has come yet" in text
    for command in ("feeds", "check", "nightly", "report", "sample"):
        assert f"learning-loop {command}" in text
    assert opened.page.locator("figure, [data-lane]").count() == 0
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 375


def test_page_is_small(pages: Any) -> None:
    assert max(page.stat().st_size for page in pages) < 5_000_000


def split_by_a_shell(lines: list[str]) -> list[list[str]]:
    """The words that a shell passes of lines that are pasted into it."""
    script = "learning-loop() { printf '%s\\0' \"$@\"; printf '\\n\\0'; }\n" + "\n".join(lines)
    done = subprocess.run(
        [shutil.which("bash") or "bash", "--norc"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
        env={"USER": "ann", "PATH": ""},
    )
    assert done.stderr == ""
    return [said.split("\0")[:-1] for said in done.stdout.split("\n\0")[:-1]]


def test_every_command_works_when_pasted(
    nights: Any, browser: Browser, pages: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    shown = Opened(browser, pages[0]).page.locator("[data-command]").all_text_contents()
    lines = list(dict.fromkeys(shown))
    assert all(line.startswith("learning-loop ") for line in lines)
    monkeypatch.setenv("LEARNING_LOOP_WAREHOUSE", str(nights[0].warehouse))
    monkeypatch.setenv("LEARNING_LOOP_LANDING", str(tmp_path))
    tried: dict[tuple[str, ...], int] = {}
    for line, words in zip(lines, split_by_a_shell(lines), strict=True):
        shape = tuple(words[:2]) if words[0] in ("backlog", "experiment", "source", "stage-b") else (words[0],)
        tried[shape] = tried.get(shape, 0) + 1
        if tried[shape] == 1 or (tried[shape] < 4 and EVIL[:9] in line):
            done = CliRunner().invoke(cli.app, words)
            assert done.exit_code == 0, (line, done.output, done.exception)
    assert {("backlog", "approve"), ("backlog", "why"), ("source", "pause"), ("stage-b", "review")} <= set(tried)
    landed = [json.loads(path.read_text()) for path in tmp_path.rglob("*.jsonl")]
    assert {row["actor"] for row in landed} == {"ann"}


def test_each_stage_of_a_problem_has_its_lane_and_its_command(nights: Any, tmp_path: Path) -> None:
    house = House(tmp_path)
    shutil.copytree(nights[0].warehouse.parent, house.warehouse.parent)
    with duckdb.connect(str(house.warehouse)) as connection:
        keys = [
            row[0]
            for row in connection.execute(
                "select short_key from learning_backlog_candidates where source_type = 'issue_cluster'"
                " order by priority_score desc, candidate_key limit 4"
            ).fetchall()
        ]
        states = [("approved", False), ("approved", False), ("promoted", False), ("promoted", True)]
        for key, (status, is_regressed) in zip(keys, states, strict=True):
            connection.execute(
                "update learning_backlog_candidates set status = $1, is_regressed = $2, decided_by = 'ann'"
                " where short_key = $3",
                [status, is_regressed, key],
            )
        connection.execute(
            "update learning_backlog_checklist set status = case when candidate_key = (select candidate_key from"
            " learning_backlog_candidates where short_key = $1) then 'completed' else 'pending' end",
            [keys[1]],
        )
        connection.execute(
            "insert into fix_effects by name select candidate_key, now() as promoted_at, is_regressed,"
            " 'https://tracker.example/' || short_key as issue_ref, 'lowered' as effect, 'It helped.' as in_words,"
            " true as is_of_current_promotion from learning_backlog_candidates where status = 'promoted'"
        )
    with published(house.warehouse) as connection:
        lanes = read_lanes(connection, stand(connection, house.warehouse, datetime(2026, 2, 16, 6, tzinfo=UTC)))
    cards = {lane.name: lane.cards for lane in lanes}
    for lane, key, word in zip(
        ("steps", "ready", "fixed", "regressed"), keys, ("show", "promote", "show", "reopen"), strict=True
    ):
        assert [card.key for card in cards[lane]] == [key]
        assert cards[lane][0].commands[0][1].startswith(f"learning-loop backlog {word} {key}")
        assert "by ann on" in cards[lane][0].people
    assert cards["steps"][0].steps and cards["fixed"][0].tracker.startswith("https://tracker.example/")
    assert cards["fixed"][0].badge == ("lowered", "good") and cards["regressed"][0].badge == ("regressed", "bad")


def test_cards_are_read_row_by_row_and_no_word_of_a_command_is_broken(browser: Browser, pages: Any) -> None:
    page = Opened(browser, pages[0]).page
    first, second = page.locator("#lane-decide .card").all()[:2]
    places = first.bounding_box(), second.bounding_box()
    assert places[0] and places[1]
    assert places[0]["y"] == places[1]["y"] and places[0]["x"] < places[1]["x"]
    broken = "spans => spans.filter(span => span.offsetHeight > 30 && span.textContent.length < 24).length"
    assert page.locator(".card .cmd code span:visible").evaluate_all(broken) == 0


def test_a_name_without_a_place_to_break_it_makes_no_tower_of_its_card(browser: Browser, pages: Any) -> None:
    page = Opened(browser, pages[0], viewport=SIZES["desktop"]).page
    long = page.locator("#lane-decide .card", has_text="averylongname").first
    heights = page.locator("#lane-decide .card").evaluate_all(
        "cards => cards.filter(card => !card.textContent.includes('averylongname')).map(card => card.scrollHeight)"
    )
    assert long.evaluate("card => [...card.children].at(-1).offsetTop - card.offsetTop") < max(heights)
    assert LONG in (long.locator("pre").first.text_content() or "")


def test_what_asks_once_has_no_count_and_every_fact_is_a_sentence(nights: Any) -> None:
    with published(nights[0].warehouse) as connection:
        lanes = read_lanes(connection, stand(connection, nights[0].warehouse, datetime(2026, 2, 16, 6, tzinfo=UTC)))
    cards = [card for lane in lanes for card in lane.cards]
    assert not [card.title for card in cards if card.badge and card.badge[0] == "1"]
    facts = [fact for lane in lanes if lane.name in ("sources", "suggestions", "review") for card in lane.cards
             for fact in card.facts]  # fmt: skip
    assert facts and all(fact[0] == fact[0].upper() and fact.endswith(".") for fact in facts)
    assert all(card.commands or card.backs for card in cards)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [(datetime(2026, 2, 16, tzinfo=UTC), "2026-W07"), (datetime(2026, 2, 15, 23, tzinfo=UTC), "not over")],
)
def test_a_week_that_is_not_over_is_said_to_be_so(as_of: datetime, said: str) -> None:
    week = {"period_starts_on": date(2026, 1, 26), "weeks_ago": 2, "last_period_key": "2026-W07"}
    assert latest_week(week, as_of).endswith(said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_anybody_out(browser: Browser, pages: Any, scheme: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = Opened(browser, pages[0], viewport=SIZES["phone"], color_scheme=scheme).page
    page.evaluate(OPEN_ALL)
    rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}  # nothing else knows the scheme
    found = axe.Axe().run(page, options=rules).response
    assert len(found["passes"]) > (20 if scheme == "light" else 0)
    assert [(fault["id"], fault["impact"], fault["nodes"][0]["html"][:120]) for fault in found["violations"]] == []
