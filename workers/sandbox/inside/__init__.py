"""The side of the sandbox that is inside it.

This folder is started by path in a process of its own and imports the standard library and third
parties alone, never the platform: what is not there can't be read by the code that runs there.
"""
