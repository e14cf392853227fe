"""Jobs: one run of one document, from the moment it is accepted to its outcome."""
