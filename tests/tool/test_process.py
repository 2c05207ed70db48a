"""Tools as processes: their output kept, their errors told in a sentence, nothing left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwflow.errors import MissingTool, ToolError
from hwflow.tool.process import Silent, Together, find_program, python_command, run_tool, side_by_side


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_no_module_of_the_folder_is_run(tmp_path: Path) -> None:
    """Which may be a project from anybody."""
    for name in ("hwflow", "pyosys", "json"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"import pathlib; pathlib.Path('marker').write_text({name!r})\n")
    run_tool([*python_command("hwflow.words")], tmp_path / "log", cwd=tmp_path)
    assert not (tmp_path / "marker").exists()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for has, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return gone(pid)


def test_output_is_kept_and_told_line_by_line(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys, os; print('a'); sys.stdout.flush(); print('b', file=sys.stderr); print(os.environ['X'], os.getcwd())"
    done = run_tool(python(code), tmp_path / "log", cwd=tmp_path, environment={"X": "x"}, on_line=lines.append)
    assert sorted(lines) == sorted(["a", "b", f"x {tmp_path}"])
    assert (tmp_path / "log").read_text().splitlines() == lines
    assert done.seconds > 0 and done.log == tmp_path / "log" and done.command[0] == sys.executable


def test_a_tool_that_fails_is_quoted(tmp_path: Path) -> None:
    code = "print('0 errors so far'); print('ERROR: no such cell'); print('more'); raise SystemExit(3)"
    with pytest.raises(ToolError, match="failed with status 3: ERROR: no such cell") as error:
        run_tool(python(code), tmp_path / "log")
    assert str(tmp_path / "log") in str(error.value)


def test_without_an_error_line_the_last_one_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="status 1: bad luck"):
        run_tool(python("print('fine', flush=True); raise SystemExit('bad luck')"), tmp_path / "log")
    with pytest.raises(ToolError, match="it said nothing"):
        run_tool(python("raise SystemExit(1)"), tmp_path / "log")


def test_a_missing_tool_comes_with_its_install_command(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="no-such-tool is not installed; run `apt-get install it`"):
        run_tool(["no-such-tool"], tmp_path / "log", install="apt-get install it")


def test_what_says_nothing_is_ended_with_its_children(tmp_path: Path) -> None:
    pids: list[str] = []
    with pytest.raises(
        Silent, match="sh said nothing for 1 s and was ended"
    ):  # in which a shell starts on a busy machine, too
        run_tool(["sh", "-c", "sleep 60 & echo $!; wait"], tmp_path / "log", silence=1, on_line=pids.append)
    assert wait_until_gone(int(pids[0]))


def test_what_goes_on_saying_something_is_not_ended(tmp_path: Path) -> None:
    code = "import time\nfor n in range(8): print(n, flush=True); time.sleep(0.3)"
    run_tool(python(code), tmp_path / "log", silence=1.5)
    assert (tmp_path / "log").read_text().split() == list("01234567")


def test_side_by_side_each_is_told_as_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def work(name: str, together: Together) -> str:
        """`a` waits for `c`, which begins when `b` has ended: so two at once, and not three."""
        code = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch()\n"
        code += "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)\n"
        code += "print(sorted(path.name for path in pathlib.Path().glob('?')))"
        said: list[str] = []
        command = [*python(code), name, {"a": "c", "b": "a", "c": "b"}[name]]
        run_tool(command, tmp_path / f"{name}.log", cwd=tmp_path, on_line=said.append, together=together)
        return f"{name} {said[0]}"

    told: list[str] = []
    results = side_by_side(work, ["a", "b", "c"], told.append)
    assert [result[0] for result in results] == ["a", "b", "c"] and sorted(told) == results
    assert told[0] == "b ['a', 'b']"


def test_side_by_side_an_error_ends_them_all_and_what_waits_never_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    begun: list[int] = []

    def work(number: int, together: Together) -> None:
        begun.append(number)
        code = "import time; time.sleep(60)" if number else "raise SystemExit('bad luck')"
        run_tool(python(code), tmp_path / f"{number}.log", together=together)
        if not number:
            time.sleep(60)

    start = time.monotonic()
    with pytest.raises(ToolError, match="bad luck"):
        side_by_side(work, range(20))
    assert time.monotonic() - start < 20 and len(begun) < 20


def test_an_interrupt_ends_the_tool_and_its_children(tmp_path: Path) -> None:
    tool = "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    code = (
        "import pathlib, sys\nfrom hwflow.tool.process import run_tool\n"
        f"run_tool([sys.executable, '-c', {tool!r}], pathlib.Path('log'), on_line=lambda line: print(line, flush=True))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen(
        python(code), cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) != 0
    assert wait_until_gone(child)


def test_programs_beside_python_are_found_without_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_program("yowasp-icepack") is not None
    assert find_program("no-such-tool") is None


def test_a_module_runs_with_this_python() -> None:
    assert python_command("a.b") == (sys.executable, "-P", "-m", "a.b")


def test_the_temporary_files_of_a_tool_go_with_it(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import tempfile; print(tempfile.mkdtemp(), flush=True); raise SystemExit(1)"
    with pytest.raises(ToolError):
        run_tool(python(code), tmp_path / "log", on_line=lines.append)
    assert not Path(lines[0]).parent.exists()
