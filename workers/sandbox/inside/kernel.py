"""The system calls that Python has no words for."""

from __future__ import annotations

import ctypes
import os
from typing import Final

NEW_MOUNTS: Final = 0x00020000
NEW_NAMES: Final = 0x04000000  # host name
NEW_IPC: Final = 0x08000000
NEW_USERS: Final = 0x10000000
NEW_PROCESSES: Final = 0x20000000
NEW_NETWORK: Final = 0x40000000

MOUNT_NO_SUID: Final = 2
MOUNT_NO_DEVICES: Final = 4

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_SYS_MOUNT_SETATTR: Final = 442
_AT_RECURSIVE: Final = 0x8000
_MOUNT_ATTR_READ_ONLY: Final = 1
_CAPABILITY_VERSION_3: Final = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def system_call(number: int, *arguments: object) -> int:
    """What the kernel answers; OSError where it refuses."""
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments), f"system call {number}")


def leave_namespaces(kinds: int) -> None:
    """Give this process namespaces of its own, of the `kinds` added up."""
    _checked(_libc.unshare(kinds), "unshare")


def mount(what: str, where: str, *, flags: int = 0, options: str = "") -> None:
    """Mount a fresh file system of the type `what`."""
    name = what.encode()
    _checked(_libc.mount(name, where.encode(), name, flags, options.encode()), f"mount {what}")


def make_read_only(where: str) -> None:
    """Make the mount at `where` and all below it read-only."""
    attributes = _MountAttributes(_MOUNT_ATTR_READ_ONLY, 0, 0, 0)
    system_call(
        _SYS_MOUNT_SETATTR,
        -1,
        where.encode(),
        _AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send this signal to this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def hide_memory(*, hidden: bool = True) -> None:
    """Refuse other processes of the same user a look into this one, and into its /proc."""
    _prctl(_PR_SET_DUMPABLE, 0 if hidden else 1)


def set_no_new_privileges() -> None:
    """Make sure that nothing started from here gains rights, set-uid programs included."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def set_filter(program: ctypes.Structure) -> None:
    """Install a seccomp filter for this process and all that it starts."""
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def drop_capabilities() -> None:
    """Give up every capability, those in a user namespace of one's own included."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, nothing), "capset")


def _prctl(option: int, *arguments: object) -> None:
    padded = [*arguments, *([0] * (4 - len(arguments)))]
    longs = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in padded]
    _checked(_libc.prctl(option, *longs), f"prctl {option}")


def _checked(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer
