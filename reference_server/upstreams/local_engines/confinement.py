"""Takes from the process it runs in whatever an engine does not need: files, network, memory, disk.

By Landlock (Linux 5.13 and newer) the process can read its libraries and models and write nothing but its own folder;
from Linux 6.7 it can open no TCP connection. Limits of the operating system bound its address space and the size of any
file it writes. Where Landlock is missing, only the limits hold, and `confine` says so.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

# landlock_create_ruleset, _add_rule, _restrict_self: the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38

_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_WRITE_FILE, _REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 1, 1 << 4, 1 << 5, 1 << 7, 1 << 8
# Every right over files that a version of Landlock knows, by the version: what is known is withheld.
_RIGHTS_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, 1 << 15))
_NETWORK_VERSION, _BIND_AND_CONNECT = 4, 0b11

_LARGEST_FILE_BYTES = 1024 * 1024
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime")
_SYSTEM = ("/dev/null", "/dev/zero", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")


def confine(folder: Path, memory_bytes: int, readable: Iterable[Path] = ()) -> bool:
    """Confines this process to `folder`; beside it and the libraries, `readable` can be read.

    To be called before the process has a second thread: Landlock holds for the calling one and those it starts. Returns
    whether files are confined. Raises OSError when a limit cannot be set.
    """
    os.chdir(folder)
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return sys.platform == "linux" and _restrict_files(folder, [*_own_libraries(), *readable])


def end_with_parent() -> None:
    """Asks the kernel to end this process when the one that started it ends. On Linux; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _own_libraries() -> list[Path]:
    """Where Python and its packages lie; of a checkout, this package only."""
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    packages = [Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    return [*prefixes, *packages, Path(__file__).parents[2], *map(Path, _LIBRARIES), *map(Path, _SYSTEM)]


def _restrict_files(folder: Path, readable: Iterable[Path]) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    rights = sum(each for since, each in _RIGHTS_BY_VERSION if version >= since)
    network = _BIND_AND_CONNECT if version >= _NETWORK_VERSION else 0
    asked = struct.pack("=QQ", rights, network)[: 16 if network else 8]
    rules = libc.syscall(_CREATE_RULESET, asked, len(asked), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(libc, rules, path, _READ_FILE | _READ_FOLDER)
        write = _WRITE_FILE | _REMOVE_FILE | _MAKE_FILE | _MAKE_FOLDER | _REMOVE_FOLDER | _TRUNCATE
        _allow(libc, rules, folder, (_READ_FILE | _READ_FOLDER | write) & rights)
        _allow(libc, rules, Path("/dev/null"), _READ_FILE | _WRITE_FILE)
        libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine
        return
    try:
        if not path.is_dir():  # a rule for a file must not speak of folders
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
