"""What all pages for people share: colours, outlines, figures as text, tables, files written in."""
