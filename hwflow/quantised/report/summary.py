"""The figures of a folder with a quantised net, with what each must be."""

from hwflow.quantised.frontend.inputs import LARGEST_ERROR
from hwflow.quantised.report.evidence import QuantisedEvidence
from hwflow.quantised.report.lines import NOT_CHECKED
from hwflow.reports.figures import Figure, show
from hwflow.reports.summary import build_figures
from hwflow.reports.views import but_ordinary, worst_missed


def figures_of(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    """Every figure that the folder's records give, in the order of the flow."""
    latency = evidence.design.prediction.latency if evidence.design else None
    return (
        *_of_training(evidence),
        *_of_check(evidence),
        *_of_design(evidence),
        *_of_simulation(evidence),
        *build_figures(evidence, latency),
        *_of_run(evidence),
    )


def _of_training(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    training = evidence.training
    if training is None:
        return ()
    source = evidence.trained()
    ours, best = training.quantised, max(other.accuracy for other in training.baselines)
    missed = worst_missed(ours)
    held = f"{ours.samples:,} held-out samples of training"
    accuracy = Figure(
        "accuracy",
        "Accuracy, held-out samples",
        ours.accuracy,
        "1",
        "above every baseline",
        ours.accuracy > best,
        source,
        held,
    )
    figures = [
        accuracy,
        Figure("baseline", "Accuracy of the best baseline", best, "1", "", None, source, held),
        Figure("float_accuracy", "Accuracy of the float net", training.float_net.accuracy, "1", "", None, source, held),
    ]
    if missed is not None:
        label = f"False negatives, worst class{but_ordinary(ours)}"
        figures.append(Figure("missed", label, missed, "1", "", None, source, held))
    return tuple(figures)


def _of_check(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    record, label = evidence.check, "Mismatches, integers against qonnx"
    if record is None and evidence.design is None:
        return ()
    source = evidence.checked()
    if record is None or not record.made:
        return (Figure("check_mismatches", label, NOT_CHECKED, "", "0", None, source),)
    wrong, changed = record.mismatches, record.input_error
    figures = [Figure("check_mismatches", label, wrong, "", "0", wrong == 0, source)]
    if changed:
        said, bar = "Change by the input's format, of the range", f"at most {show(LARGEST_ERROR, '1')}"
        figures.append(Figure("input_error", said, changed, "1", bar, changed <= LARGEST_ERROR, source))
    return tuple(figures)


def _of_design(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    design = evidence.design
    if design is None:
        return ()
    predicted, guessed = evidence.compiled("prediction"), evidence.compiled("estimate")
    clock = design.clock_hz
    latency = design.prediction.latency
    return (
        Figure("clock", "Clock of the board", clock, "Hz", "", None, evidence.compiled("setting")),
        Figure("interval", "Initiation interval", design.prediction.initiation_interval, "cycles", "", None, predicted),
        Figure("latency", "Latency", latency, "cycles", "", None, predicted),
        Figure("verdict", "Last input to result, at the board's clock", latency / clock, "s", "", None, predicted),
        Figure("rate", "Vectors a second that the net can take", design.predicted_fps, "/s", "", None, predicted),
        Figure("estimated_luts", "LUTs, before synthesis", _known(design.estimate.luts), "", "", None, guessed),
    )


def _known(count: int | None) -> int | str:
    return "not estimated" if count is None else count


def _of_simulation(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    record = evidence.simulation
    if record is None:
        return ()
    source = evidence.on_rtl()
    wrong = record.mismatches
    figures = [
        Figure("simulated", "Vectors simulated", record.vectors, "", "", None, source),
        Figure("mismatches", "Mismatches, RTL against reference", wrong, "", "0", wrong == 0, source),
    ]
    if record.backend == "dataflow":
        exact = record.as_predicted
        said = "as predicted" if exact else "not as predicted"
        figures.append(Figure("as_predicted", "Cycles simulated", said, "", "as predicted", exact, source))
    if record.accuracy is not None:
        samples = f"{record.vectors:,} vectors simulated, of {record.source}"
        figures.append(Figure("rtl_accuracy", "Accuracy of the RTL", record.accuracy, "1", "", None, source, samples))
    return tuple(figures)


def _of_run(evidence: QuantisedEvidence) -> tuple[Figure, ...]:
    record = evidence.run
    if record is None:
        return ()
    source = evidence.on_device()
    wrong = record.mismatches
    right_latency = record.latency_cycles == record.predicted_latency_cycles
    samples = f"{record.vectors:,} vectors over the link, of {record.source}"
    accuracy = Figure("device_accuracy", "Accuracy of the device", record.accuracy or 0, "1", "", None, source, samples)
    return (
        Figure("device_vectors", "Vectors sent over the link", record.vectors, "", "", None, source),
        Figure("device_mismatches", "Mismatches, device against reference", wrong, "", "0", wrong == 0, source),
        Figure("device_latency", "Latency counted by the device", record.latency_cycles, "cycles", "as predicted", right_latency, source),
        Figure("link_rate", "Vectors a second over the link", record.vectors_per_second, "/s", "", None, source),
        *(() if record.accuracy is None else (accuracy,)),
    )  # fmt: skip
