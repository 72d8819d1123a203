"""The comparison: its table, the choice of the final model, the figures."""
