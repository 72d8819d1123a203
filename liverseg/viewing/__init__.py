"""A scan and its masks in the browser."""
