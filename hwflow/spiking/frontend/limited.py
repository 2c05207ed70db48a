"""Another process, with little memory and time, that opens a file which may be damaged or hostile."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from hwflow.errors import UserError

MEMORY_BYTES = 3 << 30  # of address space, most of it libraries
CPU_SECONDS = 30
SECONDS = 60.0  # of wall clock


def limit() -> None:
    """Give this process, the child, little memory and time, where the system can."""
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def ask(
    module: str, path: Path, *arguments: str, most_bytes: int, what: str, seconds: float = SECONDS
) -> dict[str, Any]:
    """Run `python -m module PATH arguments`; return the JSON object on the last line that it prints.

    The object has `error` if the file is at fault: a sentence, or if that is empty, `reason` in a library's words. Raises
    UserError for that, for a file that cannot be opened or is larger than `most_bytes`, and for a child that ends or
    takes too long. what: the kind of file, for the sentence.
    """
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(f"{path} is larger than {most_bytes >> 20} MiB; this is not a net that fits an FPGA.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise UserError(f"Cannot read the model {path} ({error.strerror}); check the path.") from None
    command = [sys.executable, "-P", "-m", module, str(path.resolve()), *arguments]
    # One thread: a pool of them would reserve the memory that the limit leaves.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"{path} could not be read within {seconds:g} s; export the model again.") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise UserError(f"{path} brought the process that reads it to an end (status {done.returncode}); "
                        "export the model again.") from None  # fmt: skip
    if "error" in answer:
        reason = answer["error"] or f"It is not a whole {what} file ({answer['reason']}); export the model again."
        raise UserError(f"{path} cannot be read: {reason}")
    return answer
