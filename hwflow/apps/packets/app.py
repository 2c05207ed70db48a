"""`packets`: headers of packets, each learnt from one presentation by supervised STDP."""

from collections.abc import Sequence
from pathlib import Path

from hwflow.apps.chip import ChipApp, Course, compared
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.packets.detection import detect_packets, patterns_activity, sweep_words
from hwflow.apps.packets.headers import BITS, check_scapy, most_frequent, read_headers, write_traffic
from hwflow.apps.packets.patterns import Layout, pattern_network
from hwflow.apps.stages import code_digest, file_digest
from hwflow.progress import Progress
from hwflow.sources import one_file
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import PATTERNS, PatternsRecord

_PACKETS = 5_000  # made up, where the user has none
_HEADERS = 16  # that are taught


class _App(ChipApp):
    name = "packets"
    description = "headers of packets learnt from one presentation by supervised STDP"
    takes = frozenset({"data", "port"})

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self.name, plan, out, progress, tell)

    def check(self) -> None:
        check_scapy()


class _Course(Course):
    result = PATTERNS

    def prepare(self) -> None:
        if self._given is None:
            inputs = [self.name, str(self.plan.seed), code_digest("spiking/train", "apps")]
            self.do("traffic", inputs, [self._capture], self._make_traffic)

    @property
    def _capture(self) -> Path:
        return self._given or self.out / "traffic.pcap"

    @property
    def _given(self) -> Path | None:
        return one_file(self.plan.data, self.name)

    def _make_traffic(self) -> tuple[str, bool]:
        write_traffic(self._capture, _PACKETS, self.plan.seed)
        return f"{_PACKETS:,} packets made up with seed {self.plan.seed}", True

    def model(self) -> SpikingModel:
        return SpikingModel(from_network(pattern_network(Layout(BITS, words=2))))

    def inputs(self) -> Sequence[str]:
        return (file_digest(self._capture),)

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        headers, others = read_headers(self._capture)
        sweeps = tuple(sweep_words(lockstep, self.plan.seed, self.progress))
        common = most_frequent(headers, _HEADERS)
        alone, taught, layout = detect_packets(lockstep, headers, [[one] for one in common], self.progress)
        in_pairs = [common[i : i + 2] for i in range(0, len(common), 2)]
        pairs, *_ = detect_packets(lockstep, headers, in_pairs, self.progress)
        patterns_activity(lockstep, layout, taught).save(project.path)
        record = PatternsRecord(
            recipe=self.name,
            project=project.digest,
            seed=self.plan.seed,
            sweeps=sweeps,
            file=self._capture.name,
            packets=len(headers),
            others=others,
            detectors=(*alone, *pairs),
            notes=("Made-up traffic.",) if self._given is None else (),
            proof=self.proof(lockstep, start),
            tool=self.tools("scapy"),
        )
        record.save(project.path)
        words, missed, false = sweeps[0], sum(one.missed for one in alone), sum(one.false for one in alone)
        said = (
            f"{words.detectors:,} words learnt alone: {words.missed} missed, at most {words.false_most} false of 1,024; "
            f"{len(headers):,} packets, {len(alone)} headers: {missed} missed, {false} false; {compared(record.proof)}"
        )
        return said, record.right


PACKETS = _App()
