"""Published values are rounded by their decimals: versions of DuckDB differ on halves of doubles."""

from __future__ import annotations

import re

import duckdb
import pytest
from jinja2 import Environment

from learning_loop.project import project_dir

ROUNDED = project_dir() / "macros" / "rates" / "rounded.sql"


def sql_of(arguments: str) -> str:
    return Environment().from_string(ROUNDED.read_text("utf-8") + f"{{{{ rounded({arguments}) }}}}").render().strip()


def rounded(value: str, decimals: int, digits: int = 18) -> float | None:
    text = sql_of(f"'({value})', {decimals}, {digits}")
    return duckdb.sql(f"select {text}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("0.1234565::double", 6, 0.123457),
        ("0.0001245::double", 6, 0.000125),  # 1.5 rounds the double itself down
        ("0.0000005::double", 6, 0.000001),  # 2.0.1 rounds the double itself down
        ("-0.0000005::double", 6, -0.000001),
        ("0.1234564999::double", 6, 0.123456),
        ("1 / 1024", 9, 0.000976563),
        ("0.1::double + 0.2::double", 9, 0.3),
        ("0.5::double * 0.552 * 0.68 * 0.75", 6, 0.14076),
        ("null::double", 9, None),
    ],
)
def test_a_half_goes_up_in_every_version(value, decimals, expected):
    assert rounded(value, decimals) == expected


def test_each_half_of_a_millionth_goes_up():
    text = sql_of("'(2 * i + 1) / 2e6', 6")
    wrong = duckdb.sql(f"select i from range(1000000) as t(i) where {text} != (i + 1) / 1e6").fetchall()
    assert not wrong[:3]


def test_a_great_number_asks_for_more_digits():
    assert rounded("123456789.25::double", 0, 38) == 123456789
    with pytest.raises(duckdb.ConversionException):
        rounded("123456789.25::double", 0)


def test_nothing_rounds_past_the_macro():
    """A bare round() of a double would decide, or be published, otherwise in the next version."""
    found = [
        f"{path.relative_to(project_dir())}: {line.strip()}"
        for folder in ("models", "macros")
        for path in sorted((project_dir() / folder).rglob("*.sql"))
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\bround\(", line) and path != ROUNDED and "'formula'" not in line
    ]
    assert not found
