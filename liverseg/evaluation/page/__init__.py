"""The report to read: one HTML file with tables, plots and pictures that needs no network."""
