"""What a tool started ends with it, and with the process that ran it, however either ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwflow.errors import ToolError
from hwflow.tool.process import Together, family, run_tool

ROOT = Path(__file__).resolve().parents[2]
# A tool with a grandchild in its group and one that left it, as `timeout` and shells of vendors do.
TOOL = """
import os, subprocess, sys, time
one = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"])
other = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], start_new_session=True)
os.write(1, f"{one.pid}\\n{other.pid}\\n".encode())  # at once: print may write in pieces, and three others write too
time.sleep(float(sys.argv[1]))
"""
OWNER = f"""
import pathlib, sys
from hwflow.tool.process import run_tool
tool = [sys.executable, "-c", {TOOL!r}, "60"]
run_tool(tool, pathlib.Path("log"), on_line=lambda line: print(line, flush=True))
"""


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def all_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 5
    while any(map(running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(running, pids))


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_family_ends_with_its_owner(tmp_path: Path, number: int) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=tmp_path, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as owner:  # fmt: skip
        assert owner.stdout is not None and owner.stderr is not None
        lines = [owner.stdout.readline() for _ in range(4)]
        assert all(lines), owner.stderr.read().decode()
        pids = [int(line) for line in lines]
        assert all(map(running, pids))
        owner.send_signal(number)
        owner.wait()
    assert all_gone(pids)


def test_the_family_ends_with_the_tool(tmp_path: Path) -> None:
    lines: list[str] = []
    begun = time.monotonic()
    run_tool([sys.executable, "-c", TOOL, "0.2"], tmp_path / "log", on_line=lines.append)
    assert len(lines) == 4 and all_gone([int(line) for line in lines])
    assert time.monotonic() - begun < 20  # the sleepers hold its output open, and nobody waits for them


def test_the_family_ends_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with family([sys.executable, "-c", TOOL, "60"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(4)]
        process.kill()
    of_the_group = [pid for pid in pids if pid != pids[-1] and running(pid) and os.getsid(pid) == process.pid]
    assert all_gone(of_the_group)
    for pid in pids:  # those that left the group have nobody left who knows them
        if running(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_tool_ends_as_it_would_alone(tmp_path: Path) -> None:
    for code, said in (
        ("raise SystemExit(7)", "failed with status 7"),
        ("import os; os.kill(os.getpid(), 11)", "was ended by SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9)); import signal; "
         "signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open('f', 'w').write(99 * 'x')", "was ended by SIGXFSZ"),
    ):  # fmt: skip
        with pytest.raises(ToolError, match=said):
            run_tool([sys.executable, "-c", code], tmp_path / "log", cwd=tmp_path)


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF nothing")
    (tmp_path / "tool").chmod(0o755)
    with pytest.raises(ToolError, match="status 126: .*tool: error: Exec format error"):
        run_tool([str(tmp_path / "tool")], tmp_path / "log")


def test_nothing_is_read_and_a_broken_pipe_ends_a_tool(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print(len(sys.stdin.read()))"
    run_tool([sys.executable, "-c", code], tmp_path / "log", on_line=lines.append)
    run_tool(["sh", "-c", "(yes; echo $? >status) | head -1"], tmp_path / "log", cwd=tmp_path)
    assert lines == ["0"] and (tmp_path / "status").read_text() == "141\n"


def test_tools_in_threads_end_together(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    begun = time.monotonic()

    def work(number: int, together: Together) -> None:
        run_tool(["sleep", "60"], tmp_path / f"log{number}", together=together)

    with ThreadPoolExecutor(2) as pool:
        with Together() as together:
            jobs = [pool.submit(work, number, together) for number in range(4)]
            time.sleep(0.3)
        assert all(isinstance(job.exception(), ToolError) for job in jobs)
    assert time.monotonic() - begun < 20
