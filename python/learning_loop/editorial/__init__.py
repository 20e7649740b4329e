"""Editors' side: quality rules, duplicates, edits, pauses and overrides."""
