"""Stage-B: what is sequential in the reflections of a run, in pure functions over Arrow; the rest of it is SQL."""
