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
from hwflow.export.ip_core import IpCore
from hwflow.export.ip_guide import ip_readme
from hwflow.export.ipxact import ipxact_files
from hwflow.export.litex import litex_files
from hwflow.export.vivado_ip import ip_files
from hwflow.paths import data_folder, whole_folder
from hwflow.words import Done, Part

MANIFEST = "export.json"


@dataclass(frozen=True)
class Exported:
    """What a project can be exported as, each made only for a form that asks for it, since its answers take time.

    stream: the net alone; axi: behind AXI. Both raise UserError if there is no such thing in the project.
    """

    stream: Callable[[], StreamCore]
    axi: Callable[[], IpCore]


@dataclass(frozen=True)
class Contents:
    """What an export consists of. module, network, project, vectors: as in `Export`; files: by path."""

    module: str
    network: str
    project: str
    vectors: int
    files: Mapping[str, bytes]


Form = Callable[[Exported], Contents]


def _around_streams(
    files: Callable[[StreamCore], Mapping[str, bytes]], commands: Callable[[StreamCore], list[str]]
) -> Form:
    """files: what is made besides the RTL, its lists and the testbench, by path; commands: what runs that, in the folder."""

    def contents(exported: Exported) -> Contents:
        core = exported.stream()
        made = (
            dict(core.files) | bench_files(core.bench) | filelist_files(core.module, core.sources) | dict(files(core))
        )
        made["README.md"] = readme(core, commands(core)).encode()
        made[f"{core.module}_template.sv"] = template(core).encode()
        return Contents(core.module, core.network, core.project, core.bench.vectors, made)

    return contents


def _vivado_ip(exported: Exported) -> Contents:
    core = exported.axi()
    made = dict(core.files) | bench_files(core.bench) | filelist_files(core.module, core.sources) | ip_files(core)
    made["README.md"] = ip_readme(core, filelist_commands(core.module)).encode()
    return Contents(core.module, core.network, core.project, core.bench.vectors, made)


def _by_list(core: StreamCore) -> list[str]:
    return filelist_commands(core.module)


FORMS: Mapping[str, Form] = {
    "filelist": _around_streams(lambda core: {}, _by_list),
    "fusesoc": _around_streams(fusesoc_files, fusesoc_commands),
    "ipxact": _around_streams(ipxact_files, _by_list),
    "litex": _around_streams(litex_files, _by_list),
    "vivado-ip": _vivado_ip,
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


def write_export(exported: Exported, form: str, out: Path) -> Export:
    """Write a core into the folder `out`, which appears whole or not at all; an export that was there is replaced.

    Raises UserError for a form that there is not, or a folder that holds something else than an export, which then stays
    as it is, and as `exported` does.
    """
    make = _form(form)
    _check_free(out)
    made = make(exported)
    files = {**made.files, "LICENSE": (data_folder("rtl").parent / "LICENSE").read_bytes()}
    done = Export(made.module, form, str(out), made.network, made.project, made.vectors, tuple(sorted(files)))
    manifest = {name: value for name, value in vars(done).items() if name != "folder"}
    with whole_folder(out.resolve()) as draft:
        for path, content in {**files, MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode()}.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
    return done
