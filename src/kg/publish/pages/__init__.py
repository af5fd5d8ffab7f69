"""Pages for people, in Bulgarian and English."""
