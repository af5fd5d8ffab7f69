"""Queries that strangers send, answered in child processes that may be killed at any moment."""
