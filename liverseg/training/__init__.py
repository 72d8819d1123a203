"""Losses, metrics, callbacks and fit."""
