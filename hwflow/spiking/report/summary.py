"""The figures of a folder with a spiking core, with what each must be."""

from hwflow.reports.figures import Figure
from hwflow.reports.summary import build_figures
from hwflow.spiking.report.evidence import SpikingEvidence


def figures_of(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    """Every figure that the folder's records give, in the order of the flow."""
    return (
        *_of_trial(evidence),
        *build_figures(evidence, None),
        *_of_application(evidence),
        *_of_proof(evidence),
        *_of_rtl(evidence),
        *_of_run(evidence),
    )


def _of_trial(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    fidelity = evidence.fidelity
    if fidelity is None:
        return ()
    source, tried = evidence.tried(), f"{fidelity.ticks:,} ticks of {fidelity.source}"
    share = Figure("differing_spikes", "Spikes that differ from the net in floats", fidelity.differing_share, "1", "", None,
                   source, tried)  # fmt: skip
    fired = fidelity.output_spikes_integer
    if fired is None:
        return (share,)
    bar, right = "some, where the floats fire", not fidelity.silenced
    return share, Figure("output_spikes", "Spikes of the outputs", fired, "", bar, right, source, tried)


def _of_application(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    if (digits := evidence.digits) is not None:
        accuracy, least = digits.evaluation.accuracy, digits.least
        bar = f"at least {least:.0%}"
        source = evidence.applied()
        held = f"{digits.evaluation.samples:,} held-out images"
        figures.append(
            Figure("accuracy", "Accuracy, held-out images", accuracy, "1", bar, accuracy >= least, source, held)
        )
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
    if (reward := evidence.reward) is not None:
        bar, games = f"at least {reward.least:.0%}", f"{reward.games[1]:,} games"
        source = evidence.applied()
        figures += [
            Figure("caught", "Balls caught", reward.caught, "1", bar, reward.caught >= reward.least, source, games),
            Figure("by_chance", "Balls caught by moves at random", reward.by_chance, "1", "", None, source, games),
        ]
    return tuple(figures)


def _of_proof(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    proof = evidence.proof
    if proof is None:
        return ()
    source = evidence.applied()
    ticks = Figure("ticks", "Ticks", proof.ticks, "", "", None, source)
    if proof.kind == "golden model":
        return (ticks,)
    right, label = proof.differing == 0, "Values that differ from the golden model"
    return (
        ticks,
        Figure("cycles_a_tick", "Cycles of a tick", proof.cycles / proof.ticks, "", "", None, source),
        Figure("lockstep", label, proof.differing, "", "0", right, source),
    )


def _of_rtl(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    simulation = evidence.simulation
    if simulation is None:
        return ()
    source, wrong, late = evidence.on_rtl(), simulation.mismatches, simulation.unpredicted_ticks
    return (
        Figure("mismatches", "Mismatches, RTL against the golden model", wrong, "", "0", wrong == 0, source),
        Figure("late", "Ticks with other cycles than predicted", late, "", "0", late == 0, source),
    )


def _of_run(evidence: SpikingEvidence) -> tuple[Figure, ...]:
    run = evidence.run
    if run is None or run.kind == "golden model":
        return ()
    source, wrong = evidence.on_device(), run.mismatches
    exact = run.cycles in (0, run.predicted_cycles)
    said = "as predicted" if exact else "not as predicted"
    label = "Mismatches, device against the golden model"
    return (
        Figure("device_mismatches", label, wrong, "", "0", wrong == 0, source),
        Figure("device_cycles", "Cycles counted by the device", said, "", "as predicted", exact, source),
    )
