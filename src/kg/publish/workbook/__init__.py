"""Workbooks that people fill in: empty ones, those with what is known, and checked ones with their mistakes marked."""
