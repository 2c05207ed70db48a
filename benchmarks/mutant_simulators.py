"""Simulators that stand ready: each has started Python and imported the tests, and simulates in copies of itself.

Starting one takes a second of the processor, and most simulations of a mutant less. forked/sitecustomize.py is the other side.
"""

import array
import hashlib
import json
import os
import resource
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cocotb_tools.runner import Verilator

FOLDER = Path(__file__).resolve().parent / "forked"
NAME, LIFE = "HWFLOW_MUTANTS_SOCKET", "HWFLOW_MUTANTS_LIFE"


class Standing:
    """Simulators of one process, which end when it ends. A process that is forked from it finds them by their names."""

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()
        self.seconds = 0.0  # of the processor, for what ran in this process
        self.builds: set[str] = set()  # the folders of what ran
        self._begun: list[subprocess.Popen[bytes]] = []

    def use(self) -> None:
        """In this process, cocotb's runner asks them. Only in one that was forked: it does not keep them alive."""
        os.close(self._writes)
        standing = self

        def execute(
            runner: Verilator, commands: Sequence[Sequence[str]], cwd: str, stdout: IO[str] | None = None
        ) -> None:
            for command in commands:
                if "COCOTB_TEST_MODULES" in runner.env and Path(command[0]).name == runner.sim_hdl_toplevel:
                    status = standing._simulate(command, cwd, runner.env, stdout)
                else:
                    told = None if stdout is None else subprocess.STDOUT
                    status = subprocess.run(command, cwd=cwd, env=runner.env, stdout=stdout, stderr=told).returncode
                if status:
                    raise RuntimeError(f"Command failed with return code: {status}")

        Verilator._execute_cmds = execute  # type: ignore[method-assign,assignment]

    def _simulate(self, command: Sequence[str], cwd: str, environment: Mapping[str, str], out: IO[str] | None) -> int:
        seconds, _ = resource.getrlimit(resource.RLIMIT_CPU)
        request = {"folder": str(cwd), "environment": dict(environment), "seconds": seconds}
        with self._connected(command, environment) as connection:
            stream = os.open(os.devnull, os.O_WRONLY) if out is None else os.dup(out.fileno())
            streams = array.array("i", [stream, stream])
            text = json.dumps(request).encode() + b"\n"
            sent = connection.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
            connection.sendall(text[sent:])
            os.close(stream)
            answer = connection.makefile().readline()
            status, seconds = json.loads(answer or "[1, 0]")
            self.seconds += seconds
            self.builds.add(str(Path(command[0]).parent))
            return status

    def _connected(self, command: Sequence[str], environment: Mapping[str, str]) -> socket.socket:
        modules = environment["COCOTB_TEST_MODULES"]
        key = json.dumps([os.fstat(self._reads).st_ino, list(command), modules])
        name = b"\0hwflow-" + hashlib.sha256(key.encode()).hexdigest()[:32].encode()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(name)
        except ConnectionRefusedError:
            self._begin(name, command, environment)
            connection.connect(name)
        return connection

    def _begin(self, name: bytes, command: Sequence[str], environment: Mapping[str, str]) -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(name)
            listener.listen()
            # On one processor Verilator's run time begins no threads, of which a copy of the process would have none.
            processors = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {min(processors)})
            numbers = {NAME: str(listener.fileno()), LIFE: str(self._reads), "OPENBLAS_NUM_THREADS": "1"}
            path = os.pathsep.join([str(FOLDER), environment["PYTHONPATH"]])
            process = subprocess.Popen(
                command, env={**environment, **numbers, "PYTHONPATH": path}, start_new_session=True,
                pass_fds=[listener.fileno(), self._reads], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            os.sched_setaffinity(0, processors)
            self._begun.append(process)  # it stays
