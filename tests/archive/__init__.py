"""Tests of the archive: what was said, sealed."""
