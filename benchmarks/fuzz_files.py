"""Kinds of inputs beside nets, for `make fuzz`: boards, projects, records, logs of CAN, and arrays of vectors."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_changes import array_changed, lines_changed, scalar, text, tree_changed
from fuzz_trial import Kind


def board_seeds(folder: Path) -> list[Any]:
    import tomllib

    from hwflow.paths import data_folder

    return [tomllib.loads(path.read_text()) for path in sorted(data_folder("boards").glob("*.toml"))]


def save_board(tree: Any, folder: Path) -> Path:
    path = folder / "mine.toml"
    plain = [f"{_key(key)} = {_toml(value)}\n" for key, value in tree.items()]
    path.write_bytes("".join(plain).encode("utf-8", "surrogatepass"))
    return path


def _key(key: Any) -> str:
    return json.dumps(str(key))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value).replace("Infinity", "inf").replace("NaN", "nan")


def read_board(path: Path) -> Any:
    from hwflow import board

    return board.read_board(path)


def compare_board(path: Path, found: Any) -> str | None:
    """The board as a project carries it."""
    from hwflow import board

    again = board.parse_board(found.name, board.board_text(found), path)
    return "" if again == found else f"the board that was written is another, {again}"


def project_seeds(folder: Path) -> list[Any]:
    """A project of each family with the records of its steps: its files by path, JSON as values, others as bytes."""
    from quantised.networks import random_graph, random_network
    from spiking.nets import random_core
    from spiking.nets import random_network as random_spiking

    from hwflow.board import find_board
    from hwflow.progress import silent
    from hwflow.quantised.flow.dataflow import DATAFLOW
    from hwflow.quantised.flow.request import Request
    from hwflow.spiking.backend.core import SpikingOptions
    from hwflow.spiking.flow.compilation import compile_imported
    from hwflow.spiking.frontend.model import from_network

    seeds = []
    nets = (random_network(np.random.default_rng(1), bits=2), random_graph(np.random.default_rng(2)))
    for number, network in enumerate(nets):
        out, request = folder / f"q{number}", Request(None, None, None)
        DATAFLOW.compile(Path("model.onnx"), network, find_board("icebreaker"), out, request, silent)
        seeds.append(_held(out))
    rng = np.random.default_rng(2)
    spiking = random_spiking(rng, random_core(rng, everything=True), extreme=False)
    compile_imported(from_network(spiking), find_board("icebreaker"), folder / "s", SpikingOptions(), silent)
    return [*seeds, _held(folder / "s")]


def _held(folder: Path) -> dict[str, Any]:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {path: json.loads(content) if path.endswith(".json") else content for path, content in files.items()}


def project_changed(files: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A value in one of its documents is another; seldom a file lacks, or an array of the net is another."""
    path = draw.choice(sorted(path for path in files if not isinstance(files[path], bytes)))
    if draw.random() < 0.03:
        del files[path]
    elif draw.random() < 0.15 and "network.npz" in files:
        arrays = _unpacked(files["network.npz"])
        key = draw.choice(sorted(arrays))
        arrays[key] = array_changed(arrays[key], draw)
        files["network.npz"] = _packed(arrays)
    else:
        files[path] = tree_changed(files[path], draw)
    return files


def _unpacked(content: bytes) -> dict[str, np.ndarray]:
    import io

    with np.load(io.BytesIO(content)) as arrays:
        return dict(arrays)


def _packed(arrays: dict[str, np.ndarray]) -> bytes:
    import io

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def save_project(files: dict[str, Any], folder: Path) -> Path:
    """Signed again, as anybody can, where its manifest is not what was changed."""
    from hwflow.project import MANIFEST, Project

    place = folder / "project"
    place.mkdir()
    contents = {
        path: each if isinstance(each, bytes) else json.dumps(each, indent=1).encode() for path, each in files.items()
    }
    listed = files.get(MANIFEST, {})
    try:
        names, top, board = listed["files"], listed["top"], listed["board"]
        project = Project({path: contents[path] for path in names}, top, board)
        contents[MANIFEST] = json.dumps({"top": top, "board": board, "digest": project.digest, "files": names}).encode()
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        pass
    for path, content in contents.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    return place


def read_project(path: Path) -> Any:
    """What opens it, tells what was compiled, and reports."""
    from hwflow import open_project
    from hwflow.reports import read_report

    project = open_project(path)
    project.compilation().words()
    return read_report([path])


def can_seeds(folder: Path) -> list[Any]:
    """A list of lines for each format of text, and the bytes of the two that are none."""
    import can
    from apps.can_ids import logs

    frames, attacked = logs.traffic(250), logs.attacked(logs.traffic(200), 0x000, "DoS")
    forms = (logs.candump_log(frames), logs.candump(frames), logs.candump(frames, times="date"), logs.candump(frames, times="differences"),
             logs.asc(frames), logs.asc(frames, relative=True), logs.trc(frames), logs.hcrl(attacked), logs.python_can_csv(frames),
             logs.gvret(frames), logs.challenge(attacked), logs.train_and_test(attacked), logs.iov(attacked))  # fmt: skip
    messages = [
        can.Message(timestamp=f.time, arbitration_id=f.identifier, data=f.data, is_extended_id=False) for f in frames
    ]
    packed: list[Any] = []
    for name, writer in (("log.blf", can.BLFWriter), ("log.db", can.SqliteWriter)):
        made = writer(str(folder / name))
        for message in messages:
            made.on_message_received(message)
        made.stop()
        packed.append((folder / name).read_bytes())
    road = {"road": {"injection_interval": [0.01, 0.02], "injection_id": "0C2", "injection_data_str": "XX" * 8}}
    return [
        *({"log": lines} for lines in forms),
        {"log": forms[0], "beside": road},
        *({"log": each} for each in packed),
    ]


def can_changed(value: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    from fuzz_changes import blown

    if "beside" in value and draw.random() < 0.7:
        return {**value, "beside": tree_changed(value["beside"], draw)}
    if isinstance(value["log"], list):
        return {**value, "log": lines_changed(value["log"], draw)}
    changed = _cell_changed if value["log"].startswith(b"SQLite") and draw.random() < 0.8 else blown
    return {**value, "log": changed(value["log"], draw)}


def _cell_changed(database: bytes, draw: random.Random) -> bytes:
    """A cell of python-can's database is another value."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(database)
        column = draw.choice(("ts", "arbitration_id", "extended", "remote", "error", "dlc", "data"))
        value = draw.choice((0, 1, -1, 9, 300, 3.5, "text", b"\1\2", None, 1 << 40, (1 << 63) - 1, 1e308, float("inf")))
        connection.execute(f"UPDATE messages SET {column} = ? WHERE rowid = ?", (value, draw.randint(1, 250)))
        connection.commit()
        return bytes(connection.serialize())
    except sqlite3.Error:
        return database
    finally:
        connection.close()


def save_can(value: dict[str, Any], folder: Path) -> Path:
    log = value["log"]
    path = folder / "road.log"
    path.write_bytes("\n".join(log).encode("utf-8", "replace") + b"\n" if isinstance(log, list) else log)
    if "beside" in value:
        (folder / "capture_metadata.json").write_text(json.dumps(value["beside"]))
    return path


def read_can(path: Path) -> Any:
    from hwflow.apps.can_ids.contents import log_contents, said_of
    from hwflow.apps.can_ids.readers import read_log

    log_contents([path]).words()
    log = read_log(path)
    said_of(log)
    return log


def compare_can(path: Path, log: Any) -> str | None:
    """No line is lost: each is a frame, a remark, or told of; one that is indented belongs to a frame, or is one."""
    from hwflow.apps.can_ids.content import encoding_of, is_comment, lines_of

    content = path.read_bytes()
    if log.form.split(" (")[0] not in ("candump -L", "candump"):
        return None
    with path.open("rb") as stream:
        every = [line for _, line in lines_of(stream, encoding_of(content)) if not is_comment(line)]
    lines = sum(not line.startswith("\t") for line in every)
    told = len(log) + len(log.skipped)
    return "" if lines <= told <= len(every) else f"{told} of {lines} lines are told of"


def vector_seeds(folder: Path) -> list[Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (5, 4)).astype(np.float32)
    two = {"a": x[:, :2], "b": x[:, 2:], "y": np.arange(5), "y_float": x}
    return [
        {"x": x, "y": np.arange(5), "y_float": x[:, :2]},
        {"x": (x > 0).astype(np.uint8)},
        {"x": x.reshape(5, 2, 2)},
        two,
    ]


def vectors_changed(arrays: dict[str, np.ndarray], draw: random.Random) -> dict[str, np.ndarray]:
    key = draw.choice(sorted(arrays)) if arrays else "x"
    match draw.randrange(6):
        case 0:
            arrays.pop(key, None)
        case 1:
            arrays[text(key, draw).replace("/", "").replace("\0", "")[:40].replace("\ud800", "?") or "z"] = arrays.get(
                key, np.zeros(1)
            )
        case 2:
            value = scalar(draw)
            arrays[key] = np.asarray(value) if isinstance(value, bool | float) else np.zeros((3, 4))
        case _ if arrays:
            arrays[key] = array_changed(arrays[key], draw)
    return arrays


def save_vectors(arrays: dict[str, np.ndarray], folder: Path) -> Path:
    path = folder / "vectors.npz"
    path.write_bytes(_packed({key: value for key, value in arrays.items() if key != "file"}))
    return path


def read_vectors(path: Path) -> Any:
    """As a model of one input, one of two, and a check read them."""
    from hwflow.errors import UserError
    from hwflow.quantised.flow.equality import read_outputs
    from hwflow.samples import read_parts, read_samples

    errors = []
    for work in (
        lambda: read_samples(path),
        lambda: read_parts(path, (("a", 2), ("b", 2))),
        lambda: read_outputs(path),
    ):
        try:
            work()
        except UserError as error:
            errors.append(error)
    if len(errors) == 3:
        raise errors[0]


BOARDS = Kind("toml", board_seeds, tree_changed, save_board, read_board, compare_board)
PROJECTS = Kind("json", project_seeds, project_changed, save_project, read_project)
CAN = Kind("can", can_seeds, can_changed, save_can, read_can, compare_can)
VECTORS = Kind("npz", vector_seeds, vectors_changed, save_vectors, read_vectors)
