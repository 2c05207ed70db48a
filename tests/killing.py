"""A command line that is killed at its nth change of the file system, in a process that has everything imported already.

    python killing.py FOLDER [--without-exchange] WORDS…

reads numbers from standard input, a line each, and for each runs `hwflow WORDS…` in a process of its own, which kills
itself before its nth change below FOLDER (0: never). For each it answers a line: the exit status, as `subprocess` counts
it, and how many changes there were. What a test asks of it is in test_kills.py.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

CHANGES = {
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.truncate",
    "os.utime",
    "os.link",
    "os.symlink",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def watch(folder: str, change: Callable[[], None]) -> None:
    """Call `change` before each change of the file system below a folder."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in CHANGES and not (event == "open" and int(str(arguments[2] or 0)) & _WRITING):
            return
        path = arguments[0]
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file that is open already, as those that Python writes of a module that is new to it
        name = os.fsdecode(path)
        if name.startswith(folder) or not Path(name).is_absolute():
            change()

    sys.addaudithook(hook)


def run(folder: str, words: list[str], nth: int, answer: int) -> int:
    """Run the command line; kill this process before the nth change."""
    from hwflow.cli import app
    from hwflow.cli.verb import perform

    count = 0

    def change() -> None:
        nonlocal count
        count += 1
        if count == nth:
            os.write(answer, str(count).encode())
            os.kill(os.getpid(), signal.SIGKILL)

    watch(folder, change)
    status = perform(app, words)
    os.write(answer, str(count).encode())
    return status


def main() -> None:
    folder, *words = sys.argv[1:]
    if words[0] == "--without-exchange":
        from hwflow import drafts

        drafts._exchange = lambda *_: False
        words = words[1:]
    out = os.dup(1)
    os.dup2(2, 1)
    import onnx  # noqa: F401  (what takes long is shared by all that follow)
    from pydantic import TypeAdapter  # noqa: F401

    import hwflow.cli  # noqa: F401

    for line in sys.stdin:
        answer, own = os.pipe()
        child = os.fork()
        if child == 0:
            os._exit(run(folder, words, int(line), own))
        os.close(own)
        _, status = os.waitpid(child, 0)
        os.write(out, f"{os.waitstatus_to_exitcode(status)} {os.read(answer, 20).decode()}\n".encode())
        os.close(answer)


if __name__ == "__main__":
    main()
