"""The words in which the graph speaks, explained: ontology, code lists, rules and context."""
