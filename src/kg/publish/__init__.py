"""A release as pages, dumps, catalogue and feed: pure functions of the release."""
