"""The front as a page of HTML: one file with nothing to load, whose pictures tell the choices of what is pointed at."""

import json
from importlib.resources import files
from typing import Any

from hwflow import __version__
from hwflow.search.energy import words as energy_words
from hwflow.search.objectives import OBJECTIVES
from hwflow.search.result import Found, Point

_MOST = 4_000  # points in the pictures; the front always


def render(found: Found) -> str:
    """The page. Names come from files, and are escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("hwflow.search"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    shown = shown_of(found)
    own, common = files("hwflow.search") / "templates", files("hwflow.reports") / "templates"
    return environment.get_template("front.html.j2").render(
        found=found,
        plan=found.plan,
        version=__version__,
        style=Markup((common / "style.css").read_text()),  # our own files, in which no name stands
        script=Markup((own / "front.js").read_text()),
        points=Markup(_within_script(_data(found, shown))),
        left_out=len(found.every) - len(shown),
        objectives=list(OBJECTIVES.values()),
        titles={each.name: each.title for each in OBJECTIVES.values()},
        sought=" and ".join(each.title for each in found.plan.sought),
        banner=_banner(found),
        energy=energy_words(found.spent),
    )


def shown_of(found: Found) -> tuple[Point, ...]:
    """The points in the pictures: the front, and as many others as there is room for."""
    best = {point.number for point in found.front}
    others = [point for point in found.every if point.number not in best]
    return (*found.front, *others[: max(0, _MOST - len(best))])


def _banner(found: Found) -> str:
    if found.stopped:
        return found.wrong
    ended = found.plan.trials - found.waiting
    return f"{ended:,} of {found.plan.trials:,} trials have ended; {len(found.front)} points on the front"


def _data(found: Found, shown: tuple[Point, ...]) -> dict[str, Any]:
    """What the pictures are drawn from. room, late: LUTs of the part and microseconds, or what was asked, None for no limit."""
    plan, best = found.plan, {point.number for point in found.front}
    part = plan.target.resources
    return {
        "board": plan.board if plan.limits.luts is None else "the design, as asked",
        "room": plan.limits.luts if plan.limits.luts is not None else part and part.luts,
        "late": plan.limits.latency,
        "choices": {point.trial: point.choices for point in shown},
        "points": [
            {
                "number": point.number,
                "trial": point.trial,
                "best": point.number in best,
                "accuracy": point.figures["accuracy"],
                "luts": point.figures["luts"],
                "latency": point.figures["latency"],
                "said": ", ".join(
                    f"{each.title} {each.said(point.figures[each.name])}" for each in OBJECTIVES.values()
                ),
            }
            for point in shown
        ],
    }


def _within_script(data: dict[str, Any]) -> str:
    """JSON that no word in it can end the script by."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
