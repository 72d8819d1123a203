"""Scores over many cases: means with their intervals, comparisons, tables."""
