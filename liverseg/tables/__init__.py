"""Tables on disk: the case table, the split, and the rows of text that they are made of."""
