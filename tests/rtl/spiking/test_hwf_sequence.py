"""hwf_sequence: every cycle of ticks, normalisations and host accesses is what the header says it is."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
NAMES = ("AXONS", "NEURONS", "LANES", "UNITS", "NORMALISATION", "SINGLE_PORT", "ENTRIES")
IDLE = dict.fromkeys(
    ("tick", "to_rest", "normalise", "normalise_one", "normalise_neuron", "learns", "modulated", "closes", "changing_waiting", "changing", "axon_waiting", "axon", "fired_waiting", "fired", "host_valid", "host_rescan",
     "host_source", "host_of_source", "host_neuron", "host_entry", "writes_first", "writes_target", "host_data"), 0
)  # fmt: skip
EVENTS = ("row", "column", "raise", "sweep", "clear", "scan", "take_axon", "take_fired", "take_changing", "event_valid", "spike_valid",
          "begin_list", "rewind", "wipe", "finish", "divide", "host_now", "host_ready")  # fmt: skip
PLACES = ("index", "high", "turn", "from_axon", "axon_word", "visited", "restart", "normalises", "resting")


@dataclass(frozen=True)
class Now:
    """A cycle: the events in it, and what is named."""

    events: frozenset[str] = frozenset()
    places: dict[str, int] = field(default_factory=dict)


def now(*events: str, **places: int) -> Now:
    return Now(frozenset(events), places)


@dataclass(frozen=True)
class Course:
    axons: int
    neurons: int
    lanes: int
    units: int
    normalises: int
    single_port: int
    entries: int
    table: tuple[tuple[tuple[int, int], ...], ...] = ()  # of each source the entries of its row, and their targets

    @staticmethod
    def of(dut: Any) -> "Course":
        return Course(*(int(getattr(dut, name).value) for name in NAMES))

    @property
    def sources(self) -> int:
        return self.axons + self.neurons

    def words_of(self, source: int) -> list[dict[str, int]]:
        """What is named of a row."""
        word, turn = divmod(source, self.lanes)
        if self.entries:
            return [
                {"index": target, "high": entry // self.lanes, "turn": entry % self.lanes}
                for entry, target in self.table[source]
            ]
        return [{"index": index, "high": word * self.rows + index, "turn": turn} for index in range(self.rows)]

    @property
    def rows(self) -> int:
        return self.neurons // self.lanes

    @property
    def axon_words(self) -> int:
        return self.axons // self.lanes

    def beats(self, what: Now, slow: bool) -> list[Now]:
        return [what, now()] if slow and self.single_port else [what]

    def row(self, source: int, learns: bool, changes: bool) -> Iterator[Now]:
        from_axon = source < self.axons
        yield now()
        yield now("event_valid", "take_axon" if from_axon else "take_fired")
        for named in self.words_of(source):
            places = named | {"from_axon": from_axon}
            places["visited"] = source if from_axon else source - self.axons
            if from_axon:
                places["axon_word"] = source // self.lanes
            events = ("row", "wipe") if from_axon and not learns else ("row",)
            yield from self.beats(now(*events, **places), changes)

    def column(self, neuron: int, words: int, slow: bool, **more: int) -> Iterator[Now]:
        place, turn = divmod(neuron, self.lanes)
        for index in range(words):
            high = index * self.rows + place
            from_axon = index < self.axon_words
            yield from self.beats(now("column", index=index, high=high, turn=turn, from_axon=from_axon, **more), slow)

    def tick(self, sources: list[int], fired: list[int], learns: bool, third: "Third") -> Iterator[Now]:
        for source in sources:
            yield from self.row(source, learns, learns and not third.modulated)
        yield now()
        yield now("begin_list")
        yield from (now("sweep", index=index) for index in range(self.neurons // self.units))
        yield from [now()] * 8
        if third.modulated or not learns:
            yield from [now("spike_valid", "take_fired")] * len(fired)
            yield now()
        if learns:
            taken = ("take_changing",) if third.modulated else ("spike_valid", "take_fired")
            for neuron in third.columns if third.modulated else fired:
                yield now()
                yield now(*taken)
                yield from self.column(neuron, self.axon_words + self.rows, slow=True, visited=neuron)
            yield from [now()] * 2
            yield from (now("raise", "wipe", index=index, from_axon=1) for index in range(self.axon_words))
            for word in range(self.rows):
                yield now(
                    "raise", index=self.axon_words + word, from_axon=0, **({} if self.entries else {"high": word})
                )
        yield now("rewind", *(("begin_list",) if third.closes else ()), normalises=0)
        yield now("finish")

    def rest(self) -> Iterator[Now]:
        """After the cycle in which a list is begun, of which nobody is to be taken."""
        yield from (now("sweep", index=index, resting=1) for index in range(self.neurons // self.units))
        yield from [now(resting=1)] * 8
        for index in range(self.axon_words + self.rows):
            from_axon = index < self.axon_words
            events = ("raise", "wipe") if from_axon else ("raise",)
            yield now(*events, index=index, from_axon=from_axon, resting=1)
        yield now("rewind", "begin_list", resting=1)
        yield now("finish", resting=1)

    def normalisation(self, neurons: Sequence[int]) -> Iterator[Now]:
        for neuron in neurons:
            yield from [now(restart=1, normalises=1)] * 2
            yield from self.column(neuron, self.axon_words, slow=False, normalises=1, restart=0)
            yield from [now(restart=0)] * 2
            yield from [now("divide", restart=0)] * 32
            yield from [now(restart=0)] * 2
            yield from self.column(neuron, self.axon_words, slow=True, normalises=1, restart=0)
        yield from [now()] * 2
        yield now("rewind")
        yield now()

    def access(self, source: int, neuron: int, of_source: bool, rescan: bool, entry: int) -> Iterator[Now]:
        """After the cycle in which the host began to wait."""
        index = source // self.lanes if of_source else neuron // self.units
        high, turn = source // self.lanes * self.rows + neuron // self.lanes, source % self.lanes
        if self.entries:
            high, turn = divmod(entry, self.lanes)
        yield from [now()] * 2
        yield from [now(index=index, high=high, turn=turn)] * 4  # so that all has settled
        yield now("host_now", index=index, high=high, turn=turn)
        yield now("begin_list") if rescan else now()
        if rescan:
            yield from (now("scan", index=index) for index in range(self.rows))
            yield from [now()] * 4
        yield now("host_ready")


@dataclass(frozen=True)
class Third:
    """The third factor of a tick: whether there is one, whether it ends a presentation, and whose weights would change."""

    modulated: bool = False
    closes: bool = False
    changing: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        return self.changing if self.closes else ()


class Lists:
    """Who waits: axons, the neurons that fired, and those that change; new lists of these are there after `begin_list`."""

    def __init__(self, axons: list[int], fired: list[int], then: list[int], changing: Sequence[int] = ()) -> None:
        self.axons, self.fired, self._then = list(axons), list(fired), then
        self.changing: list[int] = []
        self._changing = list(changing)

    def inputs(self) -> dict[str, int]:
        return {"axon_waiting": bool(self.axons), "axon": (self.axons or [0])[0],
                "fired_waiting": bool(self.fired), "fired": (self.fired or [0])[0],
                "changing_waiting": bool(self.changing), "changing": (self.changing or [0])[0]}  # fmt: skip

    def see(self, events: frozenset[str]) -> None:
        if "take_axon" in events:
            self.axons.pop(0)
        if "take_fired" in events:
            self.fired.pop(0)
        if "take_changing" in events:
            self.changing.pop(0)
        if "begin_list" in events:
            self.fired, self.changing = list(self._then), list(self._changing)


async def follow(dut: Any, course: Iterator[Now], lists: Lists, *, busy: int) -> int:
    """Compare each cycle; how many there were."""
    count = 0
    for expected in course:
        seen = await cycle(dut, "busy", *EVENTS, *PLACES, **lists.inputs())
        events = frozenset(name for name, value in zip(EVENTS, seen[1:], strict=False) if value)
        places = dict(zip(PLACES, seen[1 + len(EVENTS) :], strict=True))
        assert (seen[0], events) == (busy, expected.events), count
        assert {name: places[name] for name in expected.places} == expected.places, (count, events)
        lists.see(events)
        count += 1
    return count


async def start_up(dut: Any) -> Course:
    """What comes after a reset: the sums are cleared and those who fired are listed."""
    course = Course.of(dut)
    rows = course.rows
    lists = Lists([], [], [])
    await follow(dut, (now("clear", *(["begin_list"] * (k == rows - 1)), index=k) for k in range(rows)), lists, busy=0)
    await follow(dut, (now("scan", index=k) for k in range(rows)), lists, busy=0)
    await follow(dut, iter([now()] * 4), lists, busy=0)
    assert await cycle(dut, "rests", "host_ready") == [1, 0]
    return replace(course, table=await loaded(dut, course)) if course.entries else course


async def loaded(dut: Any, course: Course) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Tables of entries, written by the host: rows of one entry and of many, two sources of one row."""
    rng = random.Random(3)
    ends = sorted({*rng.sample(range(course.entries), course.entries // 3), course.entries - 1})
    begins = [0, *(end + 1 for end in ends[:-1])]
    target = [0] * course.entries
    for first, end in zip(begins, ends, strict=True):  # the words of a row differ, and so are no more than there are
        for entry in range(first, end + 1):
            target[entry] = (entry - first) % course.rows
            await written(dut, host_entry=entry, data=target[entry] | (entry == end) << 14, write="writes_target")
    rows = []
    for source in range(course.sources):
        row = rng.randrange(len(ends))
        await written(dut, host_source=source, data=begins[row], write="writes_first")
        rows.append(tuple((entry, target[entry]) for entry in range(begins[row], ends[row] + 1)))
    return tuple(rows)


async def written(dut: Any, *, data: int, write: str, **named: int) -> None:
    """A value of the tables: once everything has settled, and not before."""
    await cycle(dut, host_valid=1, host_data=data, **{write: 1}, **named)
    while not (await cycle(dut, "host_ready"))[0]:
        pass
    dut.host_valid.value = 0
    getattr(dut, write).value = 0


@cocotb.test()
async def runs_its_course(dut: Any) -> None:
    await begin(dut, **IDLE)
    await run(dut, await start_up(dut), random.Random(16), 40)


@cocotb.test()
async def runs_its_course_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        await run(dut, await start_up(dut), rng, 4)

    await check_resets(dut, work, idle=IDLE, times=100)


async def run(dut: Any, course: Course, rng: random.Random, count: int) -> None:
    """Ticks, normalisations and accesses of the host."""
    fired: list[int] = []
    for _ in range(count):
        kind = rng.choice(["tick", "tick", "normalise", "rest", "host"])
        if kind == "tick":
            axons = rng.sample(range(course.axons), rng.randint(0, min(course.axons, 5)))
            then = sorted(rng.sample(range(course.neurons), rng.randint(0, min(course.neurons, 5))))
            learns = rng.random() < 0.5 and not course.entries
            changing = sorted(rng.sample(range(course.neurons), rng.randint(0, min(course.neurons, 5))))
            modulated = rng.random() < 0.5
            third = Third(modulated, modulated and rng.random() < 0.5, tuple(changing))
            lists = Lists(axons, fired, then, changing)
            await cycle(dut, tick=1, learns=learns, modulated=third.modulated, closes=third.closes, **lists.inputs())
            dut.tick.value = 0
            sources = axons + [course.axons + neuron for neuron in fired]
            cycles = await follow(dut, course.tick(sources, then, learns, third), lists, busy=1)
            walked = sum(len(course.table[source]) for source in sources) if course.entries else 0
            assert cycles == tick_cycles(course, len(sources), len(then), learns, third, walked)
            fired = [] if third.closes else then
        elif kind == "rest":
            lists = Lists([], fired, [])  # those who fired in the tick before still wait
            learns, modulated = rng.random() < 0.5, rng.random() < 0.5
            seen = await cycle(
                dut, "begin_list", to_rest=1, learns=learns, modulated=modulated, closes=1, **lists.inputs()
            )
            assert seen == [1]
            dut.to_rest.value = 0
            cycles = await follow(dut, course.rest(), lists, busy=1)
            assert cycles == course.neurons // course.units + course.axon_words + course.rows + 10
            fired = []
        elif kind == "normalise":
            lists = Lists([], [], [])
            one, neuron = rng.random() < 0.5, rng.randrange(course.neurons)
            neurons = [neuron] if one else range(course.neurons)
            await cycle(dut, normalise=1, normalise_one=one, normalise_neuron=neuron, closes=0, **lists.inputs())
            dut.normalise.value, dut.normalise_one.value = 0, rng.randrange(2)
            dut.normalise_neuron.value = rng.randrange(course.neurons)
            if course.normalises:
                cycles = await follow(dut, course.normalisation(neurons), lists, busy=1)
                beats = 1 + course.single_port
                assert cycles == len(neurons) * (course.axon_words * (1 + beats) + 38) + 4
        else:
            source, neuron = rng.randrange(course.axons + course.neurons), rng.randrange(course.neurons)
            of_source, rescan, entry = rng.random() < 0.5, rng.random() < 0.3, rng.randrange(max(course.entries, 1))
            await cycle(dut, host_valid=1, host_source=source, host_neuron=neuron, host_of_source=of_source,
                        host_rescan=rescan, host_entry=entry)  # fmt: skip
            await follow(dut, course.access(source, neuron, of_source, rescan, entry), Lists([], [], []), busy=0)
            dut.host_valid.value = 0
        assert await cycle(dut, "rests", "busy", "host_ready") == [1, 0, 0]


def tick_cycles(course: Course, sources: int, fired: int, learns: bool, third: Third, entries: int) -> int:
    """As the header of hwf_spiking has it. entries: of all sources."""
    rows, steps = course.rows, course.neurons // course.units
    if course.entries:
        return steps + 13 + entries + 2 * sources + fired
    if not learns:
        return steps + 13 + sources * (rows + 2) + fired
    words, beats = course.axon_words + rows, 1 + course.single_port
    if third.modulated:
        return steps + 15 + sources * (rows + 2) + fired + len(third.columns) * (beats * words + 2) + words
    return steps + 14 + sources * (beats * rows + 2) + fired * (beats * words + 2) + words


@cocotb.test()
async def is_told_while_it_works(dut: Any) -> None:
    await begin(dut, **IDLE)
    await start_up(dut)
    await cycle(dut, tick=1)
    await cycle(dut)


@pytest.mark.parametrize(
    "sizes",
    [
        *(
            (1, 1, 1, 1, 1, 0, 0),
            (5, 3, 1, 1, 1, 1, 0),
            (4, 6, 2, 2, 0, 0, 0),
            (8, 12, 4, 2, 1, 1, 0),
            (16, 8, 8, 2, 1, 0, 0),
        ),
        *((5, 3, 1, 1, 0, 1, 11), (8, 12, 4, 2, 0, 0, 24), (16, 8, 8, 2, 0, 0, 24), (1, 1, 1, 1, 0, 0, 1)),
    ],
)
def test_sequence(sizes: tuple[int, ...]) -> None:
    check(
        __file__,
        "hwf_sequence",
        dict(zip(NAMES, sizes, strict=True)),
        tests=[runs_its_course.name, runs_its_course_after_a_reset.name],
    )


def test_assertion_fires() -> None:
    tests = [is_told_while_it_works.name]
    check_assertion_fires(__file__, "hwf_sequence", "a_core_that_is_told_to_work_rests", tests=tests)
