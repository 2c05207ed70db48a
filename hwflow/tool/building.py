"""The verb `build`: a project to a bitstream, by whichever tools its family and board have."""

from pathlib import Path

from hwflow.finn.build import STEPS, build_finn_project, is_finn
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.tool.build import Build, build_project, plan_build


def build_folder(folder: Path, progress: Progress) -> Build:
    """Build the project in `folder`; leaves `build.json`. Raises as `build_project` and `build_finn_project` do."""
    if is_finn(Project.load(folder)):
        return build_finn_project(folder, progress)
    return build_project(folder, progress)


def commands_of(project: Project) -> tuple[str, ...]:
    """What a build would do: commands as one would type them, or the steps of FINN's own build, which has none."""
    return tuple(f"FINN: {step}" for step in STEPS) if is_finn(project) else plan_build(project).commands
