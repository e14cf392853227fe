"""Keys: what callers present to say who they are."""
