"""SPARQL Update without an engine that may write: a request is read here, its patterns are asked of the engine."""
