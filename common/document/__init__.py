"""The project document: what a caller sends, what can be wrong with it, and what it means."""
