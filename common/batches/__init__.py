"""Batches: many documents that were accepted together."""
