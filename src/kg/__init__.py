"""The knowledge graph of municipal projects and partners."""
