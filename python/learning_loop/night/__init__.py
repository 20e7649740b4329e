"""The night: a private copy of the published file is built and tested, then put in its place."""
