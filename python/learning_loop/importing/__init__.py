"""Exports of other tools become files of the feeds; an importer is one SQL file."""
