"""The page in a browser: it runs nothing, asks for nothing, shows every chart, and its numbers are the database's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from house import House
from learning_loop.report.page import write_page
from learning_loop.warehouse import open_published as published
from report.planted import EVIL

# What each kind counts, asked of the tables that it is about and not of the list.
COUNTS = {
    "feed_stopped": "select count(*) from feed_freshness where verdict = 'stale'",
    "regressed_fix": "select count(*) from learning_backlog_candidates"
    " where is_regressed and status in ('approved', 'promoted')",
    "reopened_candidate": "select count(*) from learning_backlog_candidates"
    " where status = 'candidate' and reopened_count > 0",
    "new_candidate": "select count(*) from learning_backlog_candidates"
    " where status = 'candidate' and reopened_count = 0",
    "calibration_alert": "select count(*) from extraction_underperforming_classes",
    "gate_opened": "select count(*) from experiment_gates where status = 'running' and sample_gate = 'open'"
    " and verdict not in ('sample_ratio_mismatch', 'guardrail_regression')",
    "experiment_in_trouble": "select count(*) from experiment_gates where status = 'running'"
    " and verdict in ('sample_ratio_mismatch', 'guardrail_regression')",
    "source_fell": "select count(*) from source_trends where trend = 'decaying'",
    "tickets_to_review": "select count(*) from stage_b_need_review_latest where not is_resolved",
}
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}

EMPTY_CHARTS = """() => [...document.querySelectorAll('figure')].filter(figure => {
    const pictures = [...figure.querySelectorAll('svg')];
    const shown = mark => { const box = mark.getBBox(); return box.width + box.height > 0; };
    return !pictures.length || pictures.some(svg => ![...svg.querySelectorAll('.role-mark :not(title)')].some(shown));
}).map(figure => figure.dataset.figure)"""
CUT_TEXTS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    }).map(text => svg.getAttribute('aria-label').slice(0, 40) + ': ' + text.textContent);
})"""
WHAT_COULD_RUN = """() => [...document.querySelectorAll('*')].filter(element =>
    element.localName === 'script' || element.localName === 'img' || element.localName === 'iframe'
    || element.localName === 'foreignObject' || [...element.attributes].some(attribute =>
        attribute.name.startsWith('on') || attribute.name === 'style' || attribute.name === 'src'
        || (attribute.name.endsWith('href') && !/^(#|data:,$)/.test(attribute.value))
        || /url\\((?!#)/.test(attribute.value))
).map(element => element.outerHTML.slice(0, 120))"""


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
    assert opened.page.evaluate(WHAT_COULD_RUN) == []
    assert opened.page.evaluate(EMPTY_CHARTS) == []
    assert opened.page.evaluate(CUT_TEXTS) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert opened.page.locator("figure").count() >= 20
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
    text = Opened(browser, pages[0]).page.inner_text("main")
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
        tile.get_attribute("data-kind"): int(tile.inner_text().replace(",", ""))
        for tile in page.locator("[data-kind]").all()
    }
    assert shown == {kind: nights[which].query(sql)[0][0] for kind, sql in COUNTS.items()}
    assert sum(shown.values()) > 10
    for kind, count in shown.items():
        entries = nights[which].query("select count(*) from attention_items where kind = $1", kind)[0][0]
        assert page.locator(f"[data-entry={kind}]").count() == min(entries, 100)
        assert (count > 0) == (entries > 0)


def test_only_what_came_up_tonight_is_called_new(browser: Browser, pages: Any) -> None:
    page = Opened(browser, pages[1]).page
    assert [tile.get_attribute("data-new") for tile in page.locator("[data-new]").all()] == ["feed_stopped"]
    assert page.locator("[data-entry=feed_stopped] .badge").count() == page.locator("[data-entry=feed_stopped]").count()
    assert page.locator("[data-entry=source_fell] .badge").count() == 0
    assert "on this list since 2026-02-16" in page.locator("[data-entry=source_fell]").first.inner_text()
    assert page.locator("[data-new]").first.inner_text() == "4 new"


def test_stopped_feed_is_the_first_thing_said(browser: Browser, nights: Any, pages: Any) -> None:
    assert Opened(browser, pages[0]).page.locator("[role=alert]").count() == 0
    newest = nights[1].query("select max(event_at) from staging.stg_events where event_at <= '2026-02-21 02:00:00Z'")[
        0
    ][0]
    first_text = Opened(browser, pages[1]).page.inner_text("body").split("Wants a person today")[0]
    assert f"The feed events stopped: its newest row is of {newest:%Y-%m-%d %H:%M}" in first_text


def test_page_of_an_empty_warehouse_says_which_feeds_it_waits_for(browser: Browser, empty: Any, tmp_path: Path) -> None:
    opened = Opened(browser, page_of(empty, tmp_path, datetime.now(UTC).isoformat()), viewport=SIZES["phone"])
    assert opened.said == []
    waits = "\n".join(opened.page.locator("section .empty").all_inner_texts())
    for feed in ("events", "ingest_candidates", "ingest_editor_labels", "ingest_experiments", "stage_b"):
        assert f"{feed}" in waits
    assert opened.page.locator("section .empty").count() == 7  # six loops, and nothing that wants a person
    assert opened.page.locator("figure").count() == 0


def test_page_is_small(pages: Any) -> None:
    assert max(page.stat().st_size for page in pages) < 5_000_000
