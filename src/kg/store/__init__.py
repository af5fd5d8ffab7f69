"""Releases: sealed states of the whole dataset, and the draft that becomes the next one."""
