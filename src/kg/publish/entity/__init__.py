"""A thing as those see it who ask its address: what is said of it, by whom, and who points at it."""
