"""Read by the Python of a simulator when it starts: imports what tests need once, and simulates in copies of itself.

The simulator has not looked at any value yet, so that each copy goes on as one that was started for itself. Python starts all
programs so whose PYTHONPATH begins with this folder; mutant_tests.py says what a request is.
"""

import array
import contextlib
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys

NAME, LIFE = "HWFLOW_MUTANTS_SOCKET", "HWFLOW_MUTANTS_LIFE"


def _serve(listener: socket.socket, life: int) -> None:
    """Return in a copy of this process, for each request; the process itself ends when the other end of `life` is closed."""
    while True:
        ready, _, _ = select.select([listener, life], [], [])
        if life in ready:
            os._exit(0)
        connection, _ = listener.accept()
        with connection:
            if _simulates(connection, life):
                return


def _simulates(connection: socket.socket, life: int) -> bool:
    """True in the copy, which is now the simulation that was asked for; False here, after it ended and that was told."""
    text, streams = _request(connection)
    over, ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(over)
        os.set_inheritable(ends, True)
        _become(json.loads(text), streams)
        return True
    os.close(ends)
    for stream in streams:
        os.close(stream)
    # The one who asks is gone when it was ended, and then nobody wants the simulation either.
    ready, _, _ = select.select([over, connection, life], [], [])
    if over not in ready:
        os.kill(child, signal.SIGKILL)
    os.close(over)
    _, status, used = os.wait4(child, 0)
    with contextlib.suppress(OSError):
        told = [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]
        connection.sendall(json.dumps(told).encode() + b"\n")
    return False


def _request(connection: socket.socket) -> tuple[str, list[int]]:
    size = array.array("i").itemsize
    text, found, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(2 * size))
    streams = array.array("i")
    for _, _, data in found:
        streams.frombytes(data)
    while not text.endswith(b"\n"):
        text += connection.recv(1 << 20)
    return text.decode(), list(streams)


def _become(request: dict[str, object], streams: list[int]) -> None:
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:0] = [path for path in os.environ["PYTHONPATH"].split(os.pathsep) if path not in sys.path]
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], most))


if NAME in os.environ:
    _, _most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_most, _most))  # of what began it
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    for _name in ("numpy", "cocotb.regression", "pygpi.entry", *os.environ["COCOTB_TEST_MODULES"].split(",")):
        importlib.import_module(_name)
    _listener = socket.socket(fileno=int(os.environ[NAME]))
    _serve(_listener, int(os.environ[LIFE]))
    _listener.close()
