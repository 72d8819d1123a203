"""Figures over several experiments of DVC, read from their commits."""
