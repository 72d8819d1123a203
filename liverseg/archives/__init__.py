"""Zip archives that nobody vouches for, and the folders that they are unpacked into."""
