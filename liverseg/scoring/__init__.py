"""Scores of predicted labels against reference labels, on whole volumes in millimetres."""
