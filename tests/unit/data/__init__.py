"""Tests of the data that comes in."""
