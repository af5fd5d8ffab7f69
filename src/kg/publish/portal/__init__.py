"""What a portal to which one pushes is sent: the catalogue as requests, and on a later run what has changed."""
