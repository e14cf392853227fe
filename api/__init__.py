"""HTTP in, HTTP out. Knows HTTP and nothing of generation."""
