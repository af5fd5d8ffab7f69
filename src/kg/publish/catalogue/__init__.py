"""The catalogue of open data, for portals that take it: what there is, by whom, under which terms, in which files."""
