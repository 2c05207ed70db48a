"""The four ways hwflow fails. Each message is one sentence: the thing, the place, the remedy."""


class HwflowError(Exception):
    """Base of every expected failure; `exit_status` is what the command line ends with."""

    exit_status = 1


class ToolError(HwflowError):
    """A tool failed, or a result is wrong (exit status 1)."""


class UserError(HwflowError):
    """The user's model, board, options or file is at fault (exit status 2)."""

    exit_status = 2


class MissingTool(HwflowError):
    """A program or package that the request needs is not installed (exit status 3)."""

    exit_status = 3
