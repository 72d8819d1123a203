"""The three models, and the table that names them."""
