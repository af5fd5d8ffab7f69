"""What was before, and what became of it: releases, the differences between them, and the feed of changes."""
