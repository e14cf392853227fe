"""A seccomp filter: system calls that no check needs are refused, and sockets.

Whoever makes one that only an attack makes is killed (SIGSYS), which is seen from outside.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Final

from .kernel import NEW_USERS, set_filter

_LOAD: Final = 0x20  # a 32-bit word of what the call was made with
_EQUAL: Final = 0x15
_AT_LEAST: Final = 0x35
_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000
_KILL: Final = 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16

_AF_UNIX: Final = 1
_X32_BIT: Final = 0x40000000

# name: (x86_64, aarch64); None where the architecture never had it
_REFUSED: Final[dict[str, tuple[int | None, int | None]]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# machine: (place in the table, AUDIT_ARCH_*, numbers of socket, clone and clone3)
_MACHINES: Final = {
    "x86_64": (0, 0xC000003E, 41, 56, 435),
    "aarch64": (1, 0xC00000B7, 198, 220, 435),
}

_ENDED: Final = frozenset(
    {
        "acct", "bpf", "clock_settime", "delete_module", "finit_module", "fsconfig", "fsmount",
        "fsopen", "fspick", "init_module", "ioperm", "iopl", "kexec_file_load", "kexec_load",
        "mount", "mount_setattr", "move_mount", "open_by_handle_at", "open_tree", "pidfd_getfd",
        "pivot_root", "process_vm_writev", "ptrace", "quotactl", "reboot", "setns", "settimeofday",
        "swapoff", "swapon", "umount2",
    }
)  # fmt: skip
"""Those that no library tries to see whether they work: whoever makes them is ended, and seen."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_system_calls(*, unix_sockets: bool) -> None:
    """Install the filter for this process and all that it starts.

    `unix_sockets` can be made or not; others never. (Pairs of them can, which lead nowhere else.)

    Needs no_new_privs. OSError where the machine or the kernel is not one that it is written for.
    """
    machine = os.uname().machine
    if machine not in _MACHINES:
        raise OSError(f"no filter is written for {machine}")
    place, architecture, socket, clone, clone3 = _MACHINES[machine]
    denied = _REFUSE | errno.EPERM
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, architecture, when_true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, _X32_BIT, when_false=1),
        _instruction(_RETURN, denied),
        # The flags of clone3 lie in memory, where no filter can see them; without it the C
        # library falls back to clone.
        _instruction(_EQUAL, clone3, when_false=1),
        _instruction(_RETURN, _REFUSE | errno.ENOSYS),
        _instruction(_EQUAL, clone, when_false=4),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_ANY_BIT, NEW_USERS, when_false=1),
        _instruction(_RETURN, denied),
        _instruction(_RETURN, _ALLOW),
        _instruction(_EQUAL, socket, when_false=4),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_EQUAL, _AF_UNIX, when_false=1),
        _instruction(_RETURN, _ALLOW if unix_sockets else denied),
        _instruction(_RETURN, denied),
    ]
    for name, numbers in _REFUSED.items():
        number = numbers[place]
        if number is not None:
            program.append(_instruction(_EQUAL, number, when_false=1))
            program.append(_instruction(_RETURN, _KILL if name in _ENDED else denied))
    program.append(_instruction(_RETURN, _ALLOW))
    set_filter(_Program(len(program), b"".join(program)))


def _instruction(code: int, operand: int, *, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, operand)
