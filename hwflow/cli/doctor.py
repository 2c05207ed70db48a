"""`hwflow doctor`."""

from hwflow.cli.outcome import Outcome


def doctor() -> Outcome:
    """What is installed, and what is missing.

    For each missing tool: what it would enable, and the command that installs it.
    """
    from hwflow.tool.doctor import examine

    return Outcome(examine())
