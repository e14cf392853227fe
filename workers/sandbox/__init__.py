"""Where generated code runs, and nothing else of the platform is."""

from workers.sandbox.sandbox import Sandbox, open_sandbox

__all__ = ["Sandbox", "open_sandbox"]
