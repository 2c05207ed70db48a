"""The guard on the wire, end to end: a log on a simulated bus, the device in Verilator, and its entries over the link."""

import dataclasses
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from can_whole_trial import Bench
from needs import needs_pyosys
from netlists import as_yosys_reads_it

from hwflow.apps.can_ids.features import FEATURE_NAMES
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.guard import check_verdicts, log_of, write_candump
from hwflow.apps.can_ids.profile import Profile, learn_profile
from hwflow.apps.can_ids.profile_image import profile_image
from hwflow.apps.can_ids.readers import read_log
from hwflow.apps.can_ids.vehicle import generate
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.host.errors import DeviceReset, Refused
from hwflow.host.link import open_link
from hwflow.host.linked import linked
from hwflow.ints import IntType
from hwflow.progress import silent
from hwflow.project import put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding, smallest
from hwflow.quantised.host.guard import Guard, Verdicts
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node
from hwflow.quantised.project import QuantisedProject
from hwflow.tool.own import mark
from hwflow.tool.simulated import board_program
from hwflow.tool.simulated_board import CanBus, Faults, SimulatedBoard

STRANGER = 0x7A5
NORMAL, UNKNOWN, OTHER = range(3)


def judge() -> Network:
    """A net that calls a frame of an unknown identifier 1, some of the others 2, by their payload, and the rest 0."""
    weights = np.zeros((3, len(FEATURE_NAMES)), dtype=np.int64)
    weights[UNKNOWN, FEATURE_NAMES.index("known>=1")] = -1
    weights[OTHER, 16:80] = np.random.default_rng(1).choice([-1, 1], 64)
    weights[OTHER, FEATURE_NAMES.index("unknown>=1")] = -1
    argmax = ArgMax(np.array([2, 2, 2]), np.array([0, 1, -9]))
    nodes = (Node("dense", Dense(weights, IntType(2, True)), (INPUT,)), Node("argmax", argmax, ("dense",)))
    return Network("judge", len(FEATURE_NAMES), IntType(1, False), nodes)


def traffic() -> CanLog:
    """A second of a car, with a stranger's frames and some of 29 bits."""
    car = generate(1, 1.0)
    log = car.take(np.arange(160))
    log.identifier[::10], log.label[::10] = STRANGER, 1
    extended = np.isin(log.identifier, np.unique(log.identifier)[1::7])
    return dataclasses.replace(log, extended=extended)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> QuantisedProject:
    slow = Options(shell="can", strike=True, folding=smallest(judge()))
    made = compile_network(judge(), find_board("sim"), slow)
    mark("project", made.digest)
    folder, _ = put(made, tmp_path_factory.mktemp("guard") / "project", {})
    return QuantisedProject.of(folder)


@pytest.fixture(scope="module")
def profile() -> Profile:
    log = traffic()
    return learn_profile(log.take(log.label == 0))


@pytest.fixture
def guard(project: QuantisedProject, tmp_path: Path) -> Iterator[Guard]:
    write_candump(traffic(), tmp_path / "played.log")
    with project.guard("sim", bus=CanBus(tmp_path / "played.log", project.clock_hz)) as guard:
        yield guard


def entries(guard: Guard, least: int) -> Verdicts:
    """The next entries, so many at least."""
    parts: list[Verdicts] = []
    while sum(map(len, parts)) < least:
        parts.append(guard.verdicts())
    fields = [field.name for field in dataclasses.fields(Verdicts)]
    return Verdicts(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields})


@pytest.mark.slow
def test_every_verdict_is_that_of_the_reference(guard: Guard, profile: Profile) -> None:
    with pytest.raises(Refused, match="has no profile of its bus"):
        guard.verdicts()
    with pytest.raises(UserError, match="judges a frame in time at [0-9,]+ bit/s at most"):
        guard.set_bit_rate(1_000_000)
    guard.set_bit_rate(500_000)
    assert not guard.loaded and guard.counts().verdicts == (0, 0, 0)
    guard.load(profile_image(profile).words)
    verdicts = entries(guard, 100)
    found = check_verdicts(verdicts, profile, judge())
    assert found.right and found.accepted == found.frames and found.unknown > 0 and 0 < found.slowest < 500
    assert {NORMAL, UNKNOWN} <= set(verdicts.verdict.tolist())
    assert ((verdicts.verdict == UNKNOWN) == (verdicts.identifier == STRANGER)).all()
    # Its microseconds are the bus's: the car sends at its own pace.
    often = max(profile.habits, key=lambda key: (verdicts.identifier == key).sum())
    steps = np.diff(verdicts.time[verdicts.identifier == often])
    assert np.median(steps) == pytest.approx(profile.habits[often].period, rel=0.1)
    counts = guard.counts()
    assert (
        counts.accepted >= len(verdicts)
        and sum(counts.verdicts) >= len(verdicts)
        and abs(counts.unknown - counts.verdicts[1]) <= 1  # each is of its own moment
    )
    assert not (counts.stuff or counts.form or counts.crc or counts.struck or counts.passed_over or counts.overload)
    # Read back while it works: what was learnt is as it was, and times are there.
    table, written = guard.profile(), profile_image(profile).words
    assert (table[:, 8:32] == written[:, 8:32]).all() and (table[:, 40:] == written[:, 40:]).all() and table[:, 4].any()
    guard.log_only(frozenset({UNKNOWN}))
    guard.verdicts()
    assert set(entries(guard, 3).verdict.tolist()) == {UNKNOWN}
    guard.load(written)
    guard.log_only(frozenset({NORMAL, UNKNOWN, OTHER}))
    assert check_verdicts(entries(guard, 30), profile, judge()).wrong_classes == 0


@pytest.mark.long
def test_the_guard_that_yosys_reads_is_the_same(profile: Profile, tmp_path: Path) -> None:
    """The netlist of the top, pins and all, in the place of its RTL."""
    needs_pyosys("pyosys reads the RTL as a build does")
    options = Options(shell="can", strike=True, folding=smallest(judge()))
    flat = as_yosys_reads_it(compile_network(judge(), find_board("sim"), options), tmp_path / "netlist")
    saved, _ = put(flat, tmp_path / "project", {})
    write_candump(traffic(), tmp_path / "played.log")
    board = saved.clocked_board
    bus = CanBus(tmp_path / "played.log", board.clock_hz)
    with linked(saved, "sim", board.clock_hz, (board.baud, board.baud), silent, bus=bus) as link:
        guard = Guard(link, digest=judge().digest)
        test_every_verdict_is_that_of_the_reference(guard, profile)
    with linked(saved, "sim", board.clock_hz, (board.baud, board.baud), silent, bus=bus) as link:
        test_frames_of_the_chosen_class_end_in_an_error(Guard(link, digest=judge().digest), profile)


@pytest.mark.slow
def test_frames_of_the_chosen_class_end_in_an_error(guard: Guard, profile: Profile) -> None:
    guard.strike(frozenset({UNKNOWN}))
    guard.load(profile_image(profile).words)
    verdicts = entries(guard, 120)
    found = check_verdicts(verdicts, profile, judge())
    assert not (found.wrong_bits or found.wrong_classes or found.missing) and found.struck > 0
    assert (verdicts.struck == (verdicts.verdict == UNKNOWN)).all()
    assert not (verdicts.accepted & verdicts.struck).any() and verdicts.accepted[~verdicts.struck].all()
    assert guard.counts().struck >= found.struck


@pytest.mark.slow
def test_without_a_link_every_frame_has_its_entry_and_none_that_is_struck_ends_well(
    project: QuantisedProject, profile: Profile
) -> None:
    log, words = traffic(), profile_image(profile).words
    bench = Bench.of(project, project.clock_hz)
    plain = bench.play(log, words, 500_000)
    assert plain.counts["sent"] == len(log) and sorted(plain.sent.tolist()) == list(range(len(log)))
    assert (plain.rows == plain.sent).all() and check_verdicts(plain.verdicts, profile, judge()).right
    struck = bench.play(log, words, 500_000, strike=frozenset({UNKNOWN}))
    forged = np.flatnonzero(log.label)
    assert struck.sent.tolist() == np.setdiff1d(plain.sent, forged, assume_unique=True).tolist()
    assert struck.counts["given up"] == len(forged) == np.isin(struck.rows, forged).sum()
    assert (struck.verdicts.struck == np.isin(struck.rows, forged)).all()


@pytest.mark.slow
def test_a_wrong_bit_rate_and_a_silent_bus_are_told(guard: Guard, profile: Profile) -> None:
    assert "hears nothing" in guard.counts().trouble  # the log has not begun
    guard.set_bit_rate(250_000)
    while (counts := guard.counts()).stuff < 20:
        assert not counts.accepted
    assert "another bit rate" in counts.trouble
    guard.set_bit_rate(500_000)
    guard.load(profile_image(profile).words)
    assert check_verdicts(entries(guard, 10), profile, judge()).right and not guard.counts().trouble


@pytest.mark.slow
def test_a_guard_that_is_loaded_again_begins_anew(guard: Guard, profile: Profile) -> None:
    """Of the frames that it judged before, none is left in its log."""
    for _ in range(2):
        guard.load(profile_image(profile).words)
        assert entries(guard, 10).number[:10].tolist() == list(range(1, 11))


@pytest.mark.slow
def test_a_guard_that_was_reset_waits_for_its_profile(
    project: QuantisedProject, profile: Profile, tmp_path: Path
) -> None:
    write_candump(traffic(), tmp_path / "played.log")
    words = profile_image(profile).words
    faults = Faults(reset_after=(2 * words.nbytes, 3 * words.nbytes + 1000))  # in mid-work, at a byte of the link
    board = SimulatedBoard(
        board_program(project.folder.project, silent),
        clocks_per_bit=project.clock_hz / project.baud,
        folder=project.path,
        faults=faults,
        bus=CanBus(tmp_path / "played.log", project.clock_hz),
    )
    with board, open_link(board.port, baud=project.baud, deadline=60.0) as link:
        resets = 0
        while resets < 2:
            try:
                guard = Guard(link, digest=project.compiled.network.digest)
                assert not guard.loaded
                guard.load(words)
                while True:
                    guard.verdicts()
            except DeviceReset:
                resets += 1
        guard = Guard(link, digest=project.compiled.network.digest)
        assert not guard.loaded and guard.counts().verdicts == (0, 0, 0)
        guard.load(words)
        assert check_verdicts(entries(guard, 30), profile, judge()).right


@contextmanager
def running(*words: object) -> Iterator[subprocess.Popen[str]]:
    """hwflow as a process of its own."""
    command = [sys.executable, "-m", "hwflow", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_watch_reads_the_guard_that_serve_shows(project: QuantisedProject, profile: Profile, tmp_path: Path) -> None:
    log, known = tmp_path / "played.log", tmp_path / "profile.json"
    played = traffic()
    write_candump(dataclasses.replace(played, label=np.zeros_like(played.label)), log)  # serve plays one trace
    known.write_text(json.dumps(profile.to_json()))
    with running("serve", project.path, "--can", log, "--json") as board:
        assert board.stdout is not None
        port = json.loads("".join(iter(board.stdout.readline, "}\n")) + "}")["port"]
        words = ("watch", project.path, "--guard", port, "--profile", known, "--json")
        with running(*words, "--bit-rate", 1_000_000) as refused:
            assert "judges a frame in time at" in refused.communicate()[1]
        with running(*words, "--bit-rate", 500_000) as watch:
            assert watch.stdout is not None and watch.stderr is not None
            lines = [json.loads(watch.stdout.readline()) for _ in range(40)]
            watch.send_signal(signal.SIGINT)
            out, err = watch.stdout.read(), watch.stderr.read()  # `communicate` knows nothing of what was read ahead
            watch.wait(60)
        assert watch.returncode == 0, err
        *more, end = map(json.loads, out.splitlines())
        alarms = [*lines, *more]
        strange = [alarm for alarm in alarms if alarm["class"] == "class-1"]
        assert strange and {alarm["identifier"] for alarm in strange} == {f"{STRANGER:03X}"}
        assert {"measure": "known", "value": 0} in strange[0]["why"]
        assert (end["by"], end["bus"], end["ended"], end["dropped"]) == ("guard", f"guard:{port}", "interrupt", 0)
        assert end["frames"] == sum(end["classes"].values()) and end["classes"]["class-1"] == len(strange)
        assert len(alarms) == end["frames"] - end["classes"]["normal"] and end["unknown_identifiers"] == 1
        assert end["guard"]["accepted"] > 0 and end["guard"]["form"] == end["guard"]["struck"] == 0
        assert 0 < end["latency"]["longest"] < 200
        # What it holds stays: another one goes on where this one ended.
        with running(*words, "--seconds", 1) as again:
            last = json.loads(again.communicate(timeout=60)[0].splitlines()[-1])
        assert last["ended"] == "seconds" and last["frames"] > 0


def test_what_is_watched_is_a_bus_or_a_guard(tmp_path: Path) -> None:
    for words, said in (
        ([], "give one of --bus BUS and --guard PORT."),
        (["--bus", "log:a", "--guard", "sim"], "give one of --bus BUS and --guard PORT."),
        (["--guard", "sim", "--port", "sim"], "A guard judges by itself; leave out --port."),
        (["--bus", "log:a", "--bit-rate", 5], "--bit-rate means nothing without --guard; leave it out."),
    ):
        with running("watch", tmp_path, *words) as process:
            _, err = process.communicate(timeout=60)
        assert process.returncode == 2 and said in err


def test_a_log_is_written_as_it_is_read(tmp_path: Path) -> None:
    log = traffic()
    write_candump(log, tmp_path / "written.log")
    traces = read_log(tmp_path / "written.log").traces
    assert sum(len(trace.log) for trace in traces) == len(log)
    (car,) = [trace.log for trace in traces if trace.bus == "car"]
    normal = log.take(log.label == 0)
    assert (car.keys == normal.keys).all() and (car.words == normal.words).all() and (car.dlc == normal.dlc).all()


def test_entries_are_frames_again() -> None:
    bits = np.zeros((1, 128), dtype=np.uint8)
    bits[0, 12:16] = [0, 0, 1, 0]
    bits[0, 16:32] = [0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0]
    zero = np.zeros(1, dtype=np.int64)
    verdicts = Verdicts(zero + 5, zero.astype(np.uint32), zero > 0, zero > 0, zero == 0, zero > 0, zero.astype(np.uint8),
                        zero.astype(np.uint8), zero, zero, bits)  # fmt: skip
    log = log_of(verdicts)
    assert log.dlc.tolist() == [2] and log.payload.tolist() == [[0x5A, 0xF0, 0, 0, 0, 0, 0, 0]] and log.time[0] == 5e-6


def test_entries_that_were_dropped_are_missed_where_the_numbers_begin_again() -> None:
    number = np.delete(np.arange((1 << 16) - 5, (1 << 16) + 5), [3, 6, 7]) % (1 << 16)
    zero = np.zeros(len(number), dtype=np.int64)
    no, bits = zero > 0, np.zeros((len(number), 128), dtype=np.uint8)
    verdicts = Verdicts(
        zero, zero.astype(np.uint32), no, no, no, no, zero.astype(np.uint8), zero.astype(np.uint8), zero, number, bits
    )
    assert check_verdicts(verdicts, Profile({}), judge()).missing == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"input_size": 64}, "takes 64 values of UINT1"),
        ({"input_type": IntType(2, False)}, "takes 128 values of UINT2"),
        ({"nodes": 1}, "does not end in a class"),
    ],
)
def test_a_net_that_cannot_judge_frames_is_refused(change: dict[str, object], said: str) -> None:
    net = judge()
    size = int(str(change.get("input_size", 128)))
    dense = Dense(np.ones((3, size), dtype=np.int64), IntType(2, True))
    nodes = (Node("dense", dense, (INPUT,)), *net.nodes[1:])[: 1 if "nodes" in change else 2]
    kind = change.get("input_type", net.input_type)
    assert isinstance(kind, IntType)
    with pytest.raises(UserError, match=said):
        compile_network(Network("judge", size, kind, nodes), find_board("sim"), Options(shell="can"))


@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-12f", "arty-a7-35t", "cmod-a7-35t", "ice40-hx8k-breakout"])
def test_boards(name: str) -> None:
    board = find_board(name)
    if "can_rx" not in board.pins:
        with pytest.raises(UserError, match="says no pin for can_rx"):
            compile_network(judge(), board, Options(shell="can"))
        return
    listening, striking = (
        compile_network(judge(), board, Options(shell="can", strike=strike)) for strike in (False, True)
    )
    for project, drives in ((listening, False), (striking, True)):
        top = project.files["rtl/hwf_top.sv"].decode()
        pins = b"".join(
            content for path, content in project.files.items() if path.startswith(("constraints/", "vivado/"))
        )
        assert ("output logic can_tx" in top) == drives == (b"can_tx" in pins)
        assert "input  logic can_rx" in top and b"can_rx" in pins
    plain = compile_network(judge(), board, Options())
    assert not any(b"can_rx" in content for path, content in plain.files.items() if path != "board.toml")


def test_a_guards_weights_are_constants() -> None:
    for options in (
        Options(shell="can", loaded=True),
        Options(Folding({"dense": Fold(1, 4, large=True)}), shell="can"),
    ):
        with pytest.raises(UserError, match="before a host could load weights"):
            compile_network(judge(), find_board("sim"), options)
