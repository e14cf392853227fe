"""How the platform's database came to its present state, one file a step."""
