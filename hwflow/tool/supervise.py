"""Runs a command for another process, and ends all that the command started when either of the two ends.

Started by its path with `python -I -S`, so that it imports nothing of the package and costs some 10 ms:

    supervise.py PROGRAM ARGUMENTS…

Standard input is a pipe from the owner, which never writes: its end, which comes even if the owner is killed, ends the
family. The command reads nothing. Its exit status, or the signal that ended it, is the supervisor's own.
"""

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress

_LINUX = sys.platform == "linux"
_SET_DEATH_SIGNAL, _SET_SUBREAPER = 1, 36  # of prctl
_PAUSE = 0.002


def main(command: list[str]) -> int:
    """Run the command until it or the owner ends; return its exit status."""
    if _LINUX:
        _prctl(_SET_SUBREAPER, 1)  # whose parent has ended becomes this one's child
    ended, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: _end_group())
    own = os.getpid()
    child = os.fork()
    if child == 0:
        _become(command, own)
    while True:
        if 0 in select.select([0, ended], [], [])[0]:
            _end_group()
        os.read(ended, 4096)
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            break
    _end_children()
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        _die_by(-code)
    return code


def _become(command: list[str], parent: int) -> None:
    """Run the command in this process, a new one; never returns."""
    if _LINUX:
        _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)  # should the supervisor be killed
        if os.getppid() != parent:
            os._exit(1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: error: {error.strerror}\n".encode(errors="replace"))
    os._exit(126)


def _prctl(option: int, value: int) -> None:
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def _end_group() -> None:
    """End everything, this process too."""
    _end_children()
    os.killpg(0, signal.SIGKILL)


def _end_children() -> None:
    """End what the command started and is still there: all are children of this process as soon as their parents end."""
    while _LINUX:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as listed:  # noqa: PTH123  (pathlib costs as much as Python)
                children = [int(word) for word in listed.read().split()]
        except OSError:
            return  # a kernel without the list: the owner ends the group
        for child in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(_PAUSE)
        except ChildProcessError:
            return


def _die_by(number: int) -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
