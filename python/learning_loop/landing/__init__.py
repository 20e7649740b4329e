"""The landing folder: what lies in it, whether it can be read, and what is written to it."""
