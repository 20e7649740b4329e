"""Tests of the editorial models."""
