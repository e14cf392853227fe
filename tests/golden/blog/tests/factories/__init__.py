"""Rows for tests, one module for each table; all are made without the API."""
