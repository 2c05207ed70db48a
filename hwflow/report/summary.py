"""The figures of a folder, with what each must be."""

from collections.abc import Sequence

from hwflow.report.evidence import Evidence
from hwflow.report.figures import Figure

_TILES = ("accuracy", "mismatches", "device_mismatches", "fmax", "verdict_fmax", "interval", "latency")


def figures_of(evidence: Evidence) -> tuple[Figure, ...]:
    """Every figure that the folder's records give, in the order of the flow."""
    return (*_of_training(evidence), *_of_design(evidence))


def tiles_of(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """The five that say most."""
    by_key = {figure.key: figure for figure in figures}
    return tuple(by_key[key] for key in _TILES if key in by_key)[:5]


def _of_training(evidence: Evidence) -> tuple[Figure, ...]:
    training = evidence.training
    if training is None:
        return ()
    source = evidence.trained()
    ours, majority = training.quantised, max(other.accuracy for other in training.baselines)
    missed = max((rate for rate in ours.false_negative_rate[1:] if rate is not None), default=None)
    figures = [
        Figure("accuracy", "Accuracy on held-out samples", ours.accuracy, "1", "above every baseline", ours.accuracy > majority, source),
        Figure("float_accuracy", "Accuracy of the float net", training.float_net.accuracy, "1", "", None, source),
    ]  # fmt: skip
    if missed is not None:
        figures.append(
            Figure(
                "missed", f"Most false negatives of a class but {ours.class_names[0]}", missed, "1", "", None, source
            )
        )
    return tuple(figures)


def _of_design(evidence: Evidence) -> tuple[Figure, ...]:
    design = evidence.design
    if design is None:
        return ()
    predicted, guessed = evidence.compiled("prediction"), evidence.compiled("estimate")
    return (
        Figure("clock", "Clock of the board", design.clock_hz, "Hz", "", None, evidence.compiled("model")),
        Figure("interval", "Initiation interval", design.prediction.initiation_interval, "cycles", "", None, predicted),
        Figure("latency", "Latency", design.prediction.latency, "cycles", "", None, predicted),
        Figure("rate", "Vectors a second", design.predicted_fps, "/s", "", None, predicted),
        Figure("estimated_luts", "LUTs before synthesis", design.estimate.luts, "", "", None, guessed),
    )
