"""The operational database as a source: its new and changed rows become files of the landing folder."""
