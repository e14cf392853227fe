"""Real database servers that a project is tried on, each time in a database of its own."""

from workers.engines.engines import Engines, Throwaway

__all__ = ["Engines", "Throwaway"]
