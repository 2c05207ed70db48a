"""One shell around every verb: its options, its output, its errors and its exit status."""

import dataclasses
import inspect
import json
import signal
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, TextIO, TypeVar, get_type_hints

import typer
import typer.core

from hwflow.cli.console import laid_out
from hwflow.cli.options import family_parameters, given_of
from hwflow.cli.outcome import Line, Outcome
from hwflow.cli.surroundings import Ended, EndingSignals, UnheardError, say, silence, standard_output, tell
from hwflow.errors import HwflowError
from hwflow.faults import told
from hwflow.words import Told

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
_VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an error.")]
INTERRUPTED = 128 + signal.SIGINT
Anything = TypeVar("Anything")


def verb(function: Callable[..., Outcome], *kinds: str) -> Callable[..., Outcome]:
    """The function with the options that every verb has; `perform` acts on them.

    A parameter that is a dataclass of options, annotated as options are, takes those. kinds: of the families' own options that the verb takes; the function gets those that were given as `given`.
    """

    def command(**arguments: Any) -> Outcome:
        del arguments["json"], arguments["verbose"]
        if kinds:
            arguments["given"] = given_of(arguments, *kinds)
        for name, kind in groups.items():
            arguments[name] = kind(**{field.name: arguments.pop(field.name) for field in dataclasses.fields(kind)})
        return function(**arguments)

    own = inspect.signature(function, eval_str=True)
    groups = {p.name: p.annotation for p in own.parameters.values() if _is_group(p)}
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in (("json", _JSON), ("verbose", _VERBOSE))
    ]
    parameters = [each for p in own.parameters.values() if p.name != "given" for each in _options_of(p)]
    every = [*parameters, *family_parameters(*kinds), *common]
    command.__signature__ = own.replace(parameters=every)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in every} | {"return": Outcome}
    command.__doc__ = function.__doc__
    return command


def _is_group(parameter: inspect.Parameter) -> bool:
    """Whether it is a dataclass of options that stand for themselves on the command line."""
    return dataclasses.is_dataclass(parameter.annotation) and parameter.name != "given"


def _options_of(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """The parameter, or those that the fields of its dataclass are."""
    if not _is_group(parameter):
        return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    hints = get_type_hints(parameter.annotation, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(parameter.annotation)
    ]


class Command(typer.core.TyperCommand):
    """A command whose help lists each family's options under a heading of their own."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        headed: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_option = parameter.param_type_name == "option"
                usual = "Options" if is_option else "Arguments"
                headed.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append(record)
        for heading in sorted(headed, key=lambda heading: heading not in ("Arguments", "Options")):
            with formatter.section(heading):
                formatter.write_dl(headed[heading])


def perform(app: typer.Typer, arguments: Sequence[str], signals: EndingSignals | None = None) -> int:
    """Carry out a command line and return its exit status; if a signal came, that is what ended it."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    as_json = "--json" in options
    verbose = "--verbose" in options or "-v" in options
    with standard_output(as_json) as out:
        try:
            return _perform(app, arguments, signals or EndingSignals(), as_json, verbose, out)
        except UnheardError as error:
            return silence(error, out)


def _perform(
    app: typer.Typer, arguments: Sequence[str], signals: EndingSignals, as_json: bool, verbose: bool, out: TextIO
) -> int:
    def failed(message: str, status: int) -> int:
        return _failed(message, status, as_json, out, verbose)

    try:
        done = _carried_out(app, list(arguments) or ["--help"], signals)
        return _show(done, as_json, out, signals) if isinstance(done, Outcome) else int(done or 0)
    except UnheardError:
        raise
    except HwflowError as error:
        return failed(str(error), error.exit_status)
    except typer.TyperException as error:
        return failed(_usage(error), 2)
    except (Ended, KeyboardInterrupt):
        number = signals.came or signal.SIGINT
        how = "Interrupted" if number == signal.SIGINT else f"Ended by {signal.Signals(number).name}"
        return _failed(f"{how}; nothing half done was left.", 128 + number, as_json, out)
    except SystemExit as end:  # of typer, which takes a broken pipe for an end
        if isinstance(end.__context__, BrokenPipeError):
            raise UnheardError from end.__context__
        raise
    except Exception as error:  # the outermost boundary: nobody gets a traceback who did not ask for it
        if isinstance(error, OSError) and error.errno is not None:
            say("", out)  # in case it was standard output, by a library's hand
            return failed(told(error), 2)
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return failed(
            f"hwflow failed in a way nobody foresaw ({reason:.200}); run it again with -v and report that.", 1
        )


def _carried_out(app: typer.Typer, words: list[str], signals: EndingSignals) -> Any:
    """What the verb returns. Raises Ended for whatever error followed on a signal."""
    try:
        done = typer.main.get_command(app).main(words, prog_name="hwflow", standalone_mode=False)
    except UnheardError:
        raise
    except BaseException as error:
        if signals.came is None:
            raise
        raise Ended from error
    finally:
        signals.arrived()
    if done == INTERRUPTED:  # typer's own word for a KeyboardInterrupt
        raise KeyboardInterrupt
    return done


def _show(outcome: Outcome, as_json: bool, out: TextIO, signals: EndingSignals) -> int:
    record = outcome.record
    if outcome.during:
        record = _until_interrupted(partial(outcome.during, partial(_say_lines, as_json, out), signals.held), signals)
    assert record is not None
    say(_document(outcome, record) if as_json else _text(record, out), out)
    if not record.right:
        tell(record.wrong)
    if outcome.then:
        _until_interrupted(outcome.then, signals)
    return 0 if record.right else outcome.status


def _until_interrupted(goes_on: Callable[[], Anything], signals: EndingSignals) -> Anything:
    """What a verb does until Ctrl-C, which it may take for its end: then the interrupt is not to come again."""
    try:
        return goes_on()
    finally:
        signals.arrived()


def _say_lines(as_json: bool, out: TextIO, lines: Sequence[Line]) -> None:
    say("".join(f"{json.dumps(one.document()) if as_json else one.line()}\n" for one in lines), out)


def _text(record: Told, out: TextIO) -> str:
    from rich.console import Console

    width = None if out.isatty() else 200  # a pipe has no width, and nothing in it may be cut off
    console = Console(file=out, width=width, highlight=False, markup=False)
    with console.capture() as captured:
        for part in record.words():
            console.print(laid_out(part), soft_wrap=isinstance(part, str))
    return captured.get()


def _document(outcome: Outcome, record: Told) -> str:
    """The record as JSON; of one that is wrong also why. A list says that of each of its own."""
    from hwflow.records import to_json

    document = outcome.document or json.loads(to_json(record))
    if isinstance(document, dict) and not record.right:
        document |= {"error": record.wrong}
    return json.dumps(document, indent=None if outcome.during else 1) + "\n"


def _failed(message: str, status: int, as_json: bool, out: TextIO, verbose: bool = False) -> int:
    if verbose:
        tell(traceback.format_exc().rstrip())
    line = " ".join(message.split())
    tell(line)
    if as_json:
        say(json.dumps({"error": line}) + "\n", out)
    return status


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)  # which verb it was, as far as that was understood
    text = error.format_message().strip()
    end = "" if text.endswith((".", "?", "!")) else "."
    return f"{text}{end} See `{context.command_path if context else 'hwflow'} --help`."
