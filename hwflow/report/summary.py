"""The figures of a folder, with what each must be."""

from collections.abc import Sequence

from hwflow.board import find_board
from hwflow.report.evidence import Evidence
from hwflow.report.figures import Figure
from hwflow.report.views import but_ordinary, worst_missed

_TILES = (
    "accuracy",
    "detected",
    "lockstep",
    "mismatches",
    "device_mismatches",
    "fmax",
    "luts_share",
    "verdict_fmax",
    "verdict",
    "interval",
)


def figures_of(evidence: Evidence) -> tuple[Figure, ...]:
    """Every figure that the folder's records give, in the order of the flow."""
    return (
        *_of_training(evidence),
        *_of_import(evidence),
        *_of_design(evidence),
        *_of_simulation(evidence),
        *_of_build(evidence),
        *_of_run(evidence),
        *_of_application(evidence),
    )


def tiles_of(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """The six that say most."""
    by_key = {figure.key: figure for figure in figures}
    return tuple(by_key[key] for key in _TILES if key in by_key)[:6]


def _of_training(evidence: Evidence) -> tuple[Figure, ...]:
    training = evidence.training
    if training is None:
        return ()
    source = evidence.trained()
    ours, best = training.quantised, max(other.accuracy for other in training.baselines)
    missed = worst_missed(ours)
    accuracy = Figure(
        "accuracy",
        "Accuracy, held-out samples",
        ours.accuracy,
        "1",
        "above every baseline",
        ours.accuracy > best,
        source,
    )
    figures = [
        accuracy,
        Figure("baseline", "Accuracy of the best baseline", best, "1", "", None, source),
        Figure("float_accuracy", "Accuracy of the float net", training.float_net.accuracy, "1", "", None, source),
    ]
    if missed is not None:
        label = f"False negatives, worst class{but_ordinary(ours)}"
        figures.append(Figure("missed", label, missed, "1", "", None, source))
    return tuple(figures)


def _of_import(evidence: Evidence) -> tuple[Figure, ...]:
    record = evidence.imported
    if record is None:
        return ()
    wrong, source = record.mismatches, evidence.executed()
    return (Figure("import_mismatches", "Mismatches, integers against qonnx", wrong, "", "0", wrong == 0, source),)


def _of_design(evidence: Evidence) -> tuple[Figure, ...]:
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


def _of_simulation(evidence: Evidence) -> tuple[Figure, ...]:
    record = evidence.simulation
    if record is None:
        return ()
    source = evidence.simulated()
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
        figures.append(Figure("rtl_accuracy", "Accuracy of the RTL", record.accuracy, "1", "", None, source))
    return tuple(figures)


def _of_build(evidence: Evidence) -> tuple[Figure, ...]:
    build, design = evidence.build, evidence.design
    if build is None:
        return ()
    source = evidence.built()
    figures = [
        Figure("luts", "LUTs", build.luts, "", "", None, source),
        Figure("ffs", "Flip-flops", build.ffs, "", "", None, source),
        Figure("brams", "Block RAMs", build.brams, "", "", None, source),
    ]
    capacity = find_board(build.board).resources
    if capacity:
        share = build.luts / capacity.luts
        figures.append(
            Figure("luts_share", "Share of the part's LUTs", share, "1", "at most 100 %", share <= 1, source)
        )
    if build.fmax_mhz is not None:
        fmax = build.fmax_mhz * 1e6
        met = build.timing_met
        figures.append(Figure("fmax", "Highest clock, fmax", fmax, "Hz", "at least the board's clock", met, source))
        if design:
            verdict = design.prediction.latency / fmax
            figures.append(Figure("verdict_fmax", "Last input to result, at fmax", verdict, "s", "", None, source))
    return tuple(figures)


def _of_run(evidence: Evidence) -> tuple[Figure, ...]:
    record = evidence.run
    if record is None:
        return ()
    source = evidence.ran()
    wrong = record.mismatches
    right_latency = record.latency_cycles == record.predicted_latency_cycles
    return (
        Figure("device_vectors", "Vectors sent over the link", record.vectors, "", "", None, source),
        Figure("device_mismatches", "Mismatches, device against reference", wrong, "", "0", wrong == 0, source),
        Figure("device_latency", "Latency counted by the device", record.latency_cycles, "cycles", "as predicted", right_latency, source),
        Figure("link_rate", "Vectors a second over the link", record.vectors_per_second, "/s", "", None, source),
    )  # fmt: skip


def _of_application(evidence: Evidence) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    if (digits := evidence.digits) is not None:
        accuracy, least = digits.evaluation.accuracy, digits.least
        bar = f"at least {least:.0%}"
        source = evidence.applied()
        figures.append(Figure("accuracy", "Accuracy, held-out images", accuracy, "1", bar, accuracy >= least, source))
    if (patterns := evidence.patterns) is not None:
        source = evidence.applied()
        missed = sum(sweep.missed for sweep in patterns.sweeps) + sum(one.missed for one in patterns.detectors)
        computed = all(sweep.as_computed for sweep in patterns.sweeps)
        computed = computed and all(one.false == one.false_computed for one in patterns.detectors)
        alone = max(sweep.false_most for sweep in patterns.sweeps if sweep.taught == 1)
        figures += [
            Figure("detected", "Taught words and packets missed", missed, "", "0", missed == 0, source),
            Figure("false_alone", "False positives, one word taught", alone, "", "0", alone == 0, source),
            Figure("computed", "False positives", "as computed" if computed else "others", "", "as computed", computed, source),
        ]  # fmt: skip
    if (proof := evidence.proof) is not None:
        source = evidence.applied()
        figures.append(Figure("ticks", "Ticks", proof.ticks, "", "", None, source))
        if proof.kind != "golden model":
            right = proof.differing == 0
            label = "Values that differ from the golden model"
            figures += [
                Figure("cycles_a_tick", "Cycles of a tick", proof.cycles / proof.ticks, "", "", None, source),
                Figure("lockstep", label, proof.differing, "", "0", right, source),
            ]
    if (simulation := evidence.spiking_simulation) is not None:
        source, wrong, late = evidence.simulated(), simulation.mismatches, simulation.unpredicted_ticks
        figures += [
            Figure("mismatches", "Mismatches, RTL against the golden model", wrong, "", "0", wrong == 0, source),
            Figure("late", "Ticks with other cycles than predicted", late, "", "0", late == 0, source),
        ]
    if (run := evidence.spiking_run) is not None and run.kind != "golden model":
        source, wrong = evidence.ran(), run.mismatches
        label = "Mismatches, device against the golden model"
        figures.append(Figure("device_mismatches", label, wrong, "", "0", wrong == 0, source))
        exact = run.cycles in (0, run.predicted_cycles)
        said = "as predicted" if exact else "not as predicted"
        figures.append(Figure("device_cycles", "Cycles counted by the device", said, "", "as predicted", exact, source))
    return tuple(figures)
