"""How much of the machine one job in the sandbox may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a job. What counts for a process counts for each process of the job."""

    wall_seconds: float = 120
    """From start to end; then the job is killed."""
    cpu_seconds: int = 120
    """Of a process."""
    memory_bytes: int = 2048 * _MEGABYTE
    """Of a process: its data, without what it shares with others."""
    file_bytes: int = 128 * _MEGABYTE
    """Of a file."""
    folder_bytes: int = 512 * _MEGABYTE
    """Of all files together."""
    folder_files: int = 50_000
    open_files: int = 256
    processes: int = 64
    """Threads count."""
    output_bytes: int = 4 * _MEGABYTE
    """Printed by the job; then it is killed."""
    result_bytes: int = 32 * _MEGABYTE
    """Of the outcome; then the job is killed."""

    def inside(self) -> dict[str, int]:
        """Those that are set inside the sandbox; the others are watched from outside."""
        return {
            "cpu_seconds": self.cpu_seconds,
            "memory_bytes": self.memory_bytes,
            "file_bytes": self.file_bytes,
            "folder_bytes": self.folder_bytes,
            "folder_files": self.folder_files,
            "open_files": self.open_files,
            "processes": self.processes,
        }
