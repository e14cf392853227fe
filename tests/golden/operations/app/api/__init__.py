"""The API: one module of routes for each table."""
