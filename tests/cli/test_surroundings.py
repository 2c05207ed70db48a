"""Signals from outside, and standard streams that are closed, full, or read by nobody."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
VERB = """
import sys, time, typer
from pathlib import Path
from hwflow.cli.outcome import Outcome
from hwflow.cli.surroundings import EndingSignals
from hwflow.cli.verb import perform, verb
from hwflow.paths import only_one, whole_folder

def wait() -> Outcome:
    with only_one(Path("out")), whole_folder(Path("out")):
        print("ready", file=sys.stderr, flush=True)
        time.sleep(60)

def mistake() -> Outcome:
    try:
        return wait()
    except BaseException:
        raise ImportError("cannot import name 'a' from partially initialized module 'b'")

def deaf() -> Outcome:
    for _ in range(3):
        try:
            wait()
        except BaseException:
            pass
    return wait()

def tidy() -> Outcome:
    try:
        return wait()
    finally:
        try:
            raise ValueError
        except ValueError:
            time.sleep(2.5)
        Path("tidied").touch()

def whole(seconds: float) -> Outcome:
    with signals.held():
        print("ready", file=sys.stderr, flush=True)
        time.sleep(seconds)
        Path("done").touch()
    Path("after").touch()
    return wait()

def held() -> Outcome:
    return whole(0.5)

def stuck() -> Outcome:
    return whole(60)

app = typer.Typer()
for function in (wait, mistake, deaf, tidy, held, stuck):
    app.command(function.__name__)(verb(function))
signals = EndingSignals()
signals.handle()
sys.exit(perform(app, [sys.argv[1], "--json"], signals))
"""


def shell(script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script in which `hwflow` is this Python's."""
    whole = f'hwflow() {{ "{sys.executable}" -m hwflow "$@"; }}\n{script}'
    return subprocess.run(["bash", "-c", whole], env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["boards", "boards --json", "--help", "boards nowhere --json"])
def test_standard_output_that_is_full_or_closed_is_said(words: str) -> None:
    for redirection, said in ((">/dev/full", "No space left on device"), (">&-", "Standard output is closed")):
        done = shell(f"hwflow {words} {redirection}")
        last = done.stderr.splitlines()[-1]
        assert (done.returncode, said in last, last.startswith("Standard output")) == (2, True, True), done.stderr
        assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.parametrize("words", ["boards", "boards --json", "--help"])
def test_a_reader_that_went_away_is_no_fault(words: str) -> None:
    done = shell(f"(sleep 0.3; hwflow {words}; echo $? >&2) | true")
    assert (done.stdout, done.stderr) == ("", "141\n")


def test_standard_error_may_be_closed_full_or_unread() -> None:
    for redirection in ("2>&-", "2>/dev/full"):
        done = shell(f"hwflow boards nowhere --json {redirection}")
        assert done.returncode == 2 and "nowhere" in json.loads(done.stdout)["error"]


def test_a_closed_stream_gives_its_number_to_no_file() -> None:
    done = shell("hwflow boards --json <&- 2>&-")
    assert done.returncode == 0 and json.loads(done.stdout)


@pytest.mark.parametrize("word", ["wait", "mistake"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_told_and_leaves_nothing_also_if_a_library_mistakes_it(
    tmp_path: Path, number: signal.Signals, word: str
) -> None:
    (tmp_path / "tmp").mkdir()
    environment = ENVIRONMENT | {"TMPDIR": str(tmp_path / "tmp")}
    with subprocess.Popen([sys.executable, "-c", VERB, word], cwd=tmp_path, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stderr is not None and process.stderr.readline() == "ready\n"
        assert len(list((tmp_path / "tmp").iterdir())) == 1
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)
    how = "Interrupted" if number == signal.SIGINT else f"Ended by {number.name}"
    sentence = f"{how}; nothing half done was left."
    assert (process.returncode, json.loads(out), errors) == (128 + number, {"error": sentence}, sentence + "\n")
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]


@pytest.mark.parametrize(("word", "left"), [("deaf", []), ("tidy", ["tidied"])])
def test_a_signal_that_is_swallowed_comes_again_but_breaks_no_tidying_off(
    tmp_path: Path, word: str, left: list[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", VERB, word], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stderr is not None and process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["error"][:9]) == (128 + signal.SIGTERM, "Ended by ")
    assert [path.name for path in tmp_path.rglob("*")] == left


@pytest.mark.parametrize(("word", "left"), [("held", ["done"]), ("stuck", [])])
def test_what_is_done_whole_ends_before_the_signal_counts_unless_it_hangs(
    tmp_path: Path, word: str, left: list[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", VERB, word], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stderr is not None and process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["error"][:11]) == (128 + signal.SIGINT, "Interrupted")
    assert [path.name for path in tmp_path.rglob("*")] == left


def test_a_signal_that_was_to_be_ignored_is(tmp_path: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with subprocess.Popen([sys.executable, "-c", VERB, "wait"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=ignore) as process:  # fmt: skip
        assert process.stderr is not None and process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert "SIGTERM" in process.communicate(timeout=30)[1]
    assert process.returncode == 128 + signal.SIGTERM
