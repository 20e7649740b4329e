"""Texts that others wrote, made safe to show."""

from __future__ import annotations

import unicodedata


def plain(text: str, keep_newlines: bool = False) -> str:
    """Return a text without what a terminal would obey: control characters, and marks that turn the reading order."""
    return "".join(
        char
        if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or (keep_newlines and char == "\n")
        else " " if char in "\t\n\r\u2028\u2029"
        else "\ufffd"
        for char in text
    )  # fmt: skip
