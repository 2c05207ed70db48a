"""The Python API: what a notebook does, and the sentences that it gets for what cannot be."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hwflow
from hwflow.errors import HwflowError, UserError
from hwflow.family import Family, families
from hwflow.handles import CompiledProject, Model


@pytest.fixture
def model(tiny_model: Path) -> Model:
    return hwflow.load(tiny_model)


def test_a_model_says_what_it_is_and_runs(model: Model, tiny_model: Path) -> None:
    assert model.name == "tiny net" and "dense0" in str(model) and "UINT4" in str(model)
    x = np.arange(8).reshape(2, 4)
    outputs = model.run(x)
    assert outputs.shape == (2, 3) and outputs.dtype == np.float32
    classes = model.infer(x)  # type: ignore[attr-defined]
    assert classes.tolist() == outputs.argmax(axis=1).tolist()
    ending = hwflow.load(str(tiny_model), argmax=True)
    assert ending.infer(x).tolist() == classes.tolist()  # type: ignore[attr-defined]


def test_a_project_is_the_same_from_its_model_and_from_its_folder(model: Model, tmp_path: Path) -> None:
    project = model.compile("icebreaker", tmp_path / "p", target_fps=100_000)
    again = hwflow.open_project(tmp_path / "p")
    assert isinstance(project, CompiledProject) and again.digest == project.digest
    assert "written" in str(project) and "unchanged" in str(again)
    assert any("nextpnr" in command for command in again.commands())
    report = hwflow.report(project)
    assert report.title == "tiny net on icebreaker" and "<iframe" in report._repr_html_()
    hwflow.report([tmp_path / "p"], out=tmp_path / "page.html")
    assert (tmp_path / "page.html").is_file() and (tmp_path / "page.json").is_file()


@pytest.mark.slow
def test_the_simulation_and_the_simulated_board_give_what_the_model_gives(model: Model, tmp_path: Path) -> None:
    project = model.compile("sim", tmp_path / "p")
    x = np.random.default_rng(0).integers(0, 16, (50, 4))
    assert project.simulate(x).mismatches == 0  # type: ignore[attr-defined]
    with project.open("sim") as board:
        assert np.array_equal(board.run(x), model.run(x))
        assert board.infer(x).tolist() == model.infer(x).tolist()  # type: ignore[attr-defined]
        assert board.registers().vectors == 100


FAULTS: list[tuple[Callable[[Model, Path], Any], str]] = [
    (lambda m, p: hwflow.load(5), "path is 5, and should be"),  # type: ignore[arg-type]
    (lambda m, p: hwflow.load("net.pt"), "is not a model hwflow reads"),
    (lambda m, p: hwflow.load("net.onnx"), "Cannot read the model"),
    (lambda m, p: hwflow.load(m.path, dt=1), "has no option 'dt'"),  # type: ignore[attr-defined]
    (lambda m, p: hwflow.load(m.path, argmax="no way"), "argmax is"),  # type: ignore[attr-defined]
    (lambda m, p: m.run([1, 2]), "of shape"),
    (lambda m, p: m.run(np.full((1, 4), np.nan)), "NaN in row 0"),
    (lambda m, p: m.run([[1, 2, 3, 4], [5]]), "no array"),
    (lambda m, p: m.run(np.zeros((1, 5))), "hold 5 values each"),
    (lambda m, p: m.compile("icebraker", p), "did you mean icebreaker"),
    (lambda m, p: m.compile("sim", None), "out is None"),  # type: ignore[arg-type]
    (lambda m, p: m.compile("sim", p, baud="fast"), "baud is 'fast'"),  # type: ignore[arg-type]
    (lambda m, p: m.compile("sim", p, target_fps="fast"), "target_fps is"),
    (lambda m, p: m.compile("sim", p, lanes=2), "no option 'lanes'"),
    (lambda m, p: m.compile("sim", p, backend="hls"), "'dataflow' or 'finn'"),
    (lambda m, p: hwflow.open_project(p), "is not a project"),
    (lambda m, p: hwflow.report([]), "at least one folder"),
    (lambda m, p: hwflow.report(p), "no folder"),
]


@pytest.mark.parametrize(("call", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_what_cannot_be_is_one_sentence(
    call: Callable[[Model, Path], Any], says: str, model: Model, tmp_path: Path
) -> None:
    with pytest.raises(HwflowError, match=says) as error:
        call(model, tmp_path / "p")
    assert "\n" not in str(error.value) and not (tmp_path / "p").exists()


def test_names_are_there_and_cost_nothing_before_they_are_used() -> None:
    assert set(hwflow.__all__) <= set(dir(hwflow))
    for name in hwflow.__all__:
        assert getattr(hwflow, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hwflow.nothing
    look = "import sys, hwflow; print(len([m for m in sys.modules if m.startswith('hwflow')]), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_each_option_of_the_command_line_is_a_keyword_of_the_api(family: Family) -> None:
    """Of the same kind, so that the verbs can stay thin."""
    homes = {
        "quantised": ("hwflow.quantised.model.QuantisedModel", "hwflow.quantised.project.QuantisedProject"),
        "spiking": ("hwflow.spiking.model.SpikingModel", "hwflow.spiking.project.SpikingProject"),
    }
    model, project = (_named(home) for home in homes[family.name])
    methods = {"model": model.read, "compile": model.compile, "simulate": project.simulate, "run": project.run}
    for kind, options in family.options.items():
        parameters = inspect.signature(methods[kind]).parameters
        for option in options:
            assert option.name in parameters, f"{family.name} {kind} {option.name}"
            assert option.help and option.help.endswith((".", "]"))


def _named(home: str) -> Any:
    module, _, name = home.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)


def _public() -> list[tuple[str, Any]]:
    homes = ("hwflow.quantised.model.QuantisedModel", "hwflow.quantised.project.QuantisedProject",
             "hwflow.quantised.project.QuantisedBoard", "hwflow.spiking.model.SpikingModel",
             "hwflow.spiking.project.SpikingProject")  # fmt: skip
    found = [(name, getattr(hwflow, name)) for name in hwflow.__all__ if name != "__version__"]
    found += [(home.rpartition(".")[2], _named(home)) for home in homes]
    for name, thing in list(found):
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            found += [
                (f"{name}.{part}", value)
                for part, value in vars(thing).items()
                if not part.startswith("_") and (callable(value) or isinstance(value, property | staticmethod))
            ]
    return [(name, thing.__func__ if isinstance(thing, staticmethod) else thing) for name, thing in found]


@pytest.mark.parametrize(("name", "thing"), _public(), ids=[name for name, _ in _public()])
def test_public_names_say_what_they_take_and_raise(name: str, thing: Any) -> None:
    """A method may leave it to the one that it stands for."""
    text = inspect.getdoc(thing) or ""
    if not text and "." in name:
        text = (
            inspect.getdoc(getattr(CompiledProject, name.split(".")[1], getattr(Model, name.split(".")[1], None))) or ""
        )
    assert text, f"{name} has no docstring"
    if callable(thing) and not inspect.isclass(thing) and len(inspect.signature(thing).parameters) > 1:
        assert "Raises" in text or "see `" in text.lower() or "as `" in text, f"{name} does not say what it raises"


def test_errors_of_the_api_are_of_four_kinds() -> None:
    assert issubclass(UserError, HwflowError) and UserError is hwflow.UserError
