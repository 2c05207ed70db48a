"""`reward`: a control task learnt on the chip from rewards."""

from pathlib import Path

from hwflow.apps.chip import ChipApp, Course, compared
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.reward.learning import Rewarding, learn_by_reward
from hwflow.progress import Progress
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import REWARD, RewardRecord

_LEAST = 0.9  # of the balls, to be caught


class _App(ChipApp):
    name = "reward"
    description = "a paddle that learns to catch a ball by reward, with a third factor that all neurons share"

    def __init__(self, how: Rewarding) -> None:
        self.how = how

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self, plan, out, progress, tell)


class _Course(Course):
    result = REWARD

    def __init__(self, app: _App, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(app.name, plan, out, progress, tell)
        self._how = app.how

    def model(self) -> SpikingModel:
        return SpikingModel(from_network(self._how.network(self.plan.seed)))

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        how = self._how
        done = learn_by_reward(lockstep, how, self.plan.seed, self.progress)
        record = RewardRecord(
            recipe=self.name,
            project=project.digest,
            seed=self.plan.seed,
            least=_LEAST,
            caught=done.caught,
            by_chance=done.by_chance,
            games=(how.games, how.judged),
            presentations=done.presentations,
            curve=done.curve,
            proof=self.proof(lockstep, start),
            tool=self.tools(),
        )
        record.save(project.path)
        said = f"{record.caught:.1%} of {how.judged:,} balls caught, {record.by_chance:.1%} by moves at random; {compared(record.proof)}"
        return said, record.right


REWARDED = _App(Rewarding())
