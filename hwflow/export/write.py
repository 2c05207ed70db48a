"""A core into a folder, in one of the forms that other people's tools read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import UserError
from hwflow.export.bench import bench_files
from hwflow.export.core import StreamCore
from hwflow.export.filelist import filelist_commands, filelist_files
from hwflow.export.fusesoc import fusesoc_commands, fusesoc_files
from hwflow.export.guide import readme, template
from hwflow.export.ipxact import ipxact_files
from hwflow.export.litex import litex_files
from hwflow.paths import data_folder, whole_folder
from hwflow.words import Done, Part

MANIFEST = "export.json"


@dataclass(frozen=True)
class Form:
    """files: what is made besides the RTL, its lists and the testbench, by path; commands: what runs that, in the folder."""

    files: Callable[[StreamCore], Mapping[str, bytes]]
    commands: Callable[[StreamCore], list[str]]


FORMS: Mapping[str, Form] = {
    "filelist": Form(lambda core: {}, filelist_commands),
    "fusesoc": Form(fusesoc_files, fusesoc_commands),
    "ipxact": Form(ipxact_files, filelist_commands),
    "litex": Form(litex_files, filelist_commands),
}


@dataclass(frozen=True)
class Export(Done):
    """What was exported.

    module: name of the core; form: as asked for; folder: where; network, project: digests, in hex; vectors: of the
    testbench; files: all that is there but the record itself, sorted.
    """

    module: str
    form: str
    folder: str
    network: str
    project: str
    vectors: int
    files: tuple[str, ...]

    def words(self) -> tuple[Part, ...]:
        """For people."""
        return (
            f"{self.module} is in {self.folder} ({self.form}), with a testbench of {self.vectors:,} vectors; its README.md "
            "tells the packing, and how to run it",
        )


def _form(form: str) -> Form:
    if form not in FORMS:
        raise UserError(f"{form!r} is no form of export; hwflow has {', '.join(FORMS)}.")
    return FORMS[form]


def _check_free(out: Path) -> None:
    if out.is_file():
        raise UserError(f"{out} already exists; name another folder with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise UserError(f"{out} holds other files and no export; name another folder with --out.")


def write_export(make: Callable[[], StreamCore], form: str, out: Path) -> Export:
    """Write a core into the folder `out`, which appears whole or not at all; an export that was there is replaced.

    make: gives the core, whose answers take time: asked only if all else is right. Raises UserError for a form that there
    is not, or a folder that holds something else than an export, which then stays as it is.
    """
    chosen = _form(form)
    _check_free(out)
    core = make()
    licence = (data_folder("rtl").parent / "LICENSE").read_bytes()
    files = dict(core.files) | bench_files(core) | filelist_files(core) | dict(chosen.files(core))
    files |= {
        "LICENSE": licence,
        "README.md": readme(core, chosen.commands(core)).encode(),
        f"{core.module}_template.sv": template(core).encode(),
    }
    done = Export(core.module, form, str(out), core.network, core.project, len(core.s.vectors), tuple(sorted(files)))
    manifest = {name: value for name, value in vars(done).items() if name != "folder"}
    with whole_folder(out.resolve()) as draft:
        for path, content in {**files, MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode()}.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
    return done
