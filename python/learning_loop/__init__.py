"""The thin Python of the learning-loop warehouse: the command line, the night, and what SQL cannot say."""

__version__ = "0.2.0"
