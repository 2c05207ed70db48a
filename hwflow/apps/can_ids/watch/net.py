"""The net that watches: its project, the profile that its training left, and the names of its classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwflow.apps.can_ids.features import FEATURE_NAMES
from hwflow.apps.can_ids.frame import CLASS_NAMES, NORMAL
from hwflow.apps.can_ids.profile import PROFILE, Profile, read_profiles
from hwflow.errors import HwflowError, UserError
from hwflow.family import family_of_net
from hwflow.project import ProjectFolder
from hwflow.quantised.family import QUANTISED
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.project import QuantisedProject
from hwflow.quantised.report.training import TRAINING, Training, read_training

_TRAIN = "compile one that `hwflow train can-ids` made"


@dataclass(frozen=True, eq=False)
class Detecting:
    """A project of a net that detects intrusions, the profiles by bus ("" where there is one), and the names of its classes."""

    project: QuantisedProject
    profiles: dict[str, Profile]
    class_names: tuple[str, ...]

    @property
    def network(self) -> Network:
        return self.project.compiled.network

    def profiles_of(self, buses: Sequence[str], path: str) -> tuple[Profile, ...]:
        """The profile of each of these buses. Raises UserError if there is none for one."""
        if list(self.profiles) == [""]:
            return (self.profiles[""],) * len(buses)
        for bus in buses:
            if bus not in self.profiles:
                raise UserError(f"The profile is of the buses {', '.join(self.profiles)}, and {path} is bus {bus or 'without a name'}; "
                                "name a bus that it knows, or a profile of one bus with --profile.")  # fmt: skip
        return tuple(self.profiles[bus] for bus in buses)


def detecting(folder: Path, profile: Path | None, trust: bool) -> Detecting:
    """The project in a folder, and its profile: the one that is named, else that in the folder or the one above it.

    Raises UserError for a project of another kind of net, or a profile that cannot be read or is another net's.
    """
    read = ProjectFolder.read(folder, trust=trust)
    family = family_of_net(read.files)
    if family is not QUANTISED:
        raise UserError(f"The net in {folder} is {family.name} and gives no class for each frame; {_TRAIN}.")
    project = QuantisedProject.of(read)
    network = project.compiled.network
    if network.input_size != len(FEATURE_NAMES):
        raise UserError(f"The net in {folder} takes {network.input_size} inputs and not the {len(FEATURE_NAMES)} features of a "
                        f"CAN frame; {_TRAIN}.")  # fmt: skip
    classes = _classes(network)
    if classes < 2:
        raise UserError(f"The net in {folder} has one output and no classes; {_TRAIN}.")
    where = profile or _beside(folder)
    profiles = read_profiles(where)
    training = read_training(where.parent / TRAINING) if (where.parent / TRAINING).is_file() else None
    if training is not None:
        _check(network, training, where, folder)
    return Detecting(project, profiles, _class_names(training, classes))


def _beside(folder: Path) -> Path:
    for place in (folder, folder.resolve().parent):
        if (place / PROFILE).is_file():
            return place / PROFILE
    raise UserError(f"Neither {folder} nor the folder above it holds {PROFILE}; name the one that `hwflow train can-ids` left "
                    "beside the model with --profile.")  # fmt: skip


def _check(network: Network, training: Training, profile: Path, folder: Path) -> None:
    """That the profile was left by the training of this net: the model that lies beside it is the one that was compiled."""
    if training.sizes[-1] != _classes(network):
        raise _another(profile, folder)
    from hwflow.quantised.frontend import load  # costs onnx, which a profile without a model beside it need not pay

    model = profile.parent / training.model
    if not model.is_file():
        return
    try:
        same = any(load(model, argmax=argmax).digest == network.digest for argmax in (False, True))
    except HwflowError:
        return  # what lies there now is no model, and says nothing
    if not same:
        raise _another(profile, folder)


def _another(profile: Path, folder: Path) -> UserError:
    return UserError(f"{profile} was left by the training of another net than that in {folder}; name its own with --profile, or "
                     "compile the model beside it again.")  # fmt: skip


def _classes(network: Network) -> int:
    last = network.nodes[-1].layer
    return last.channels if isinstance(last, ArgMax) else network.output_size


def _class_names(training: Training | None, classes: int) -> tuple[str, ...]:
    """From the record of training; without it the generator's, or numbers."""
    if training is not None:
        return training.quantised.class_names
    if classes == len(CLASS_NAMES):
        return CLASS_NAMES
    return (CLASS_NAMES[NORMAL], *(f"class-{index}" for index in range(1, classes)))
