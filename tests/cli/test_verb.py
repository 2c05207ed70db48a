"""The shell around every verb: output, errors and exit statuses."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer

from hwflow.cli.outcome import Lines, Outcome, Whole
from hwflow.cli.surroundings import EndingSignals
from hwflow.cli.verb import perform, verb
from hwflow.errors import MissingTool, ToolError, UserError
from hwflow.words import Part, Told


@dataclass(frozen=True)
class Record:
    number: int
    name: str

    @property
    def right(self) -> bool:
        return self.name != "wrong"

    @property
    def wrong(self) -> str:
        return "That is wrong."

    def words(self) -> list[Part]:
        return [f"hello {self.name}", "[bold] stays as it is"]


def greet(name: Annotated[str, typer.Argument()]) -> Outcome:
    """Say something on both streams, as libraries do, and give a record."""
    print("noise from Python")
    os.write(1, b"noise from C\n")
    return Outcome(Record(7, name))


def fail(kind: str) -> Outcome:
    """Fail in each way."""
    errors: dict[str, Exception | KeyboardInterrupt] = {
        "user": UserError("The model is at\n fault."),
        "tool": ToolError("The tool failed."),
        "missing": MissingTool("The tool is missing."),
        "bug": IndexError("list index out of range"),
        "interrupt": KeyboardInterrupt(),
    }
    raise errors[kind]


def until_interrupted(way: str) -> Outcome:
    """Take an interrupt for the end, in each of the two ways in which a verb goes on."""

    def go_on(lines: Lines | None = None, _: Whole | None = None) -> Told:
        try:
            if lines:
                lines([Said("a"), Said("b")])
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        except KeyboardInterrupt:
            pass
        return Record(8, "at the end")

    return Outcome(during=go_on) if way == "during" else Outcome(Record(7, "you"), then=go_on)


@dataclass(frozen=True)
class Said:
    text: str

    def line(self) -> str:
        return f"said {self.text}"

    def document(self) -> dict[str, object]:
        return {"said": self.text}


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command("greet")(verb(greet))
    made.command("fail")(verb(fail))
    made.command("until")(verb(until_interrupted))
    return made


def test_people_see_text(app: typer.Typer, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, ["greet", "you"]) == 0
    assert "hello you\n[bold] stays as it is\n" in capfd.readouterr().out


def test_json_is_one_object_and_nothing_else(app: typer.Typer, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, ["greet", "you", "--json"]) == 0
    seen = capfd.readouterr()
    assert json.loads(seen.out) == {"number": 7, "name": "you"}
    assert "noise from Python" in seen.err
    assert "noise from C" in seen.err


def test_a_wrong_result_is_status_1_and_still_a_record(app: typer.Typer, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, ["greet", "wrong", "--json"]) == 1
    seen = capfd.readouterr()
    assert json.loads(seen.out) == {"number": 7, "name": "wrong", "error": "That is wrong."}
    assert "That is wrong.\n" in seen.err


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("user", 2, "The model is at fault."),
        ("tool", 1, "The tool failed."),
        ("missing", 3, "The tool is missing."),
        ("interrupt", 130, "Interrupted; nothing half done was left."),
    ],
)
def test_errors_are_one_sentence(
    app: typer.Typer, capfd: pytest.CaptureFixture[str], kind: str, status: int, message: str
) -> None:
    assert perform(app, ["fail", kind, "--json"]) == status
    seen = capfd.readouterr()
    assert json.loads(seen.out) == {"error": message}
    assert seen.err == f"{message}\n"
    assert perform(app, ["fail", kind]) == status
    assert capfd.readouterr() == ("", f"{message}\n")


def test_an_unforeseen_error_gives_no_traceback_unless_asked(
    app: typer.Typer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert perform(app, ["fail", "bug"]) == 1
    seen = capfd.readouterr()
    assert "IndexError: list index out of range" in seen.err
    assert len(seen.err.splitlines()) == 1
    assert perform(app, ["fail", "bug", "-v"]) == 1
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [["greet"], ["greet", "a", "b"], ["greet", "a", "--what"], ["nothing"], ["fail"]])
def test_a_wrong_command_line_is_status_2(
    app: typer.Typer, capfd: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert perform(app, [*arguments, "--json"]) == 2
    seen = capfd.readouterr()
    assert set(json.loads(seen.out)) == {"error"}
    assert len(seen.err.splitlines()) == 1


def test_help_is_status_0(app: typer.Typer, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, ["greet", "--help"]) == 0
    out = capfd.readouterr().out
    assert "--json" in out
    assert "--verbose" in out


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (FileNotFoundError(2, "No such file or directory", "x.bin"), 2, "x.bin cannot be used (No such file or directory); check the path."),
        (OSError(28, "No space left on device"), 2, "A file cannot be used (No space left on device); free some space there, or name another place."),
        (OSError(27, "File too large", "y"), 2, "y cannot be used (File too large); raise the limit on the size of files (`ulimit -f`)."),
        (OSError("of a library"), 1, "hwflow failed in a way nobody foresaw (OSError: of a library); run it again with -v and report that."),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_said(
    capfd: pytest.CaptureFixture[str], error: OSError, status: int, message: str
) -> None:
    def refuse() -> Outcome:
        """Fail as the system does."""
        raise error

    app = typer.Typer()
    app.command("refuse")(verb(refuse))
    app.command("fail")(verb(fail))
    assert perform(app, ["refuse", "--json"]) == status
    seen = capfd.readouterr()
    assert (json.loads(seen.out), seen.err) == ({"error": message}, f"{message}\n")


@pytest.fixture
def signals() -> Iterator[EndingSignals]:
    """Handled as the program does; afterwards as before."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    ending = EndingSignals()
    ending.handle()
    yield ending
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("way", ["during", "then"])
def test_an_interrupt_that_was_taken_for_the_end_does_not_come_again(
    way: str, app: typer.Typer, signals: EndingSignals, capfd: pytest.CaptureFixture[str]
) -> None:
    assert perform(app, ["until", way, "--json"], signals) == 0
    assert signals.came == signal.SIGINT and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    out = capfd.readouterr().out
    lines = [{"said": "a"}, {"said": "b"}, {"number": 8, "name": "at the end"}]
    assert (
        [json.loads(line) for line in out.splitlines()] == lines
        if way == "during"
        else json.loads(out)["name"] == "you"
    )


def test_lines_are_text_for_people(app: typer.Typer, signals: EndingSignals, capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(app, ["until", "during"], signals) == 0
    assert capfd.readouterr().out.startswith("said a\nsaid b\nhello at the end\n")
