"""`hwflow doctor`."""

from rich.console import RenderableType

from hwflow.cli.console import table
from hwflow.cli.outcome import Outcome


def doctor() -> Outcome:
    """What is installed, and what is missing.

    For each missing tool: what it would enable, and the command that installs it.
    """
    from hwflow.tool.doctor import examine

    record = examine()
    rows = [(tool.name, tool.version or "missing", tool.enables) for tool in record.tools]
    show: list[RenderableType] = [table(["tool", "version", "for"], rows), ""]
    if record.missing:
        show.append(
            table(["what is missing", "is installed by"], [(tool.name, tool.install) for tool in record.missing])
        )
    else:
        show.append("Nothing is missing.")
    return Outcome(record, show)
