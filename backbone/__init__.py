"""The `backbone` command, the local stack behind it and the Python client."""
