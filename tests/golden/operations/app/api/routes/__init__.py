"""The routes of each table."""
