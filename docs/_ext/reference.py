"""Reference pages that are made from what they describe: verbs from their help, records and board files from their classes."""

import dataclasses
import inspect
import re
from importlib import import_module
from typing import Any, get_args

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_FIELD = re.compile(r"(?:^|[.;:]\s+|\n)((?:\w+, )*\w+): ")


class Verbs(SphinxDirective):
    """The help of every verb."""

    def run(self) -> list[nodes.Node]:
        import typer

        from hwflow.cli import app

        group = typer.main.get_command(app)
        text = []
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            context = command.make_context(f"hwflow {name}", [], resilient_parsing=True)
            text += [f"## {name}", "", "```text", command.get_help(context).rstrip(), "```", ""]
        return self.parse_text_to_nodes("\n".join(text), allow_section_headings=True)


class Record(SphinxDirective):
    """The fields of dataclasses, named as module.Class, with what their docstrings say of them."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        text = []
        for line in self.content:
            module, _, name = line.strip().rpartition(".")
            kind = getattr(import_module(module), name)
            text += [f"## {name}", "", inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0], "", *_table(kind), ""]
        return self.parse_text_to_nodes("\n".join(text), allow_section_headings=True)


def _table(kind: Any) -> list[str]:
    rows = ["| field | type | |", "|---|---|---|"]
    said = _said(inspect.cleandoc(kind.__doc__ or ""))
    for part in dataclasses.fields(kind):
        default = "" if part.default is dataclasses.MISSING else f" (default {part.default!r})"
        words = said.get(part.name, "").replace("|", "/") + default
        rows.append(f"| `{part.name}` | {_type(part.type)} | {words.strip()} |")
    return rows


def _said(text: str) -> dict[str, str]:
    """`a, b: what they are; c: …` as a docstring has it, by the field's name."""
    flat = " ".join(text.split())
    found: dict[str, str] = {}
    for piece in re.split(r";\s+|(?<=\.)\s+", flat):
        match = re.match(r"((?:`?\w+`?, )*`?\w+`?): (.+)", piece)
        if match:
            for name in match[1].replace("`", "").split(", "):
                found[name] = match[2].rstrip(".")
    return found


def _type(kind: Any) -> str:
    if isinstance(kind, str):
        return f"`{kind}`"
    name = getattr(kind, "__name__", str(kind)) if not get_args(kind) else str(kind)
    return f"`{re.sub(r'(?:[a-z_]+[.])+', '', name)}`".replace("|", "or")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("verbs", Verbs)
    app.add_directive("records", Record)
    return {"parallel_read_safe": True}
