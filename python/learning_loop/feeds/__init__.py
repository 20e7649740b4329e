"""The feeds, explained: what a landing folder takes, and what would become of one."""
