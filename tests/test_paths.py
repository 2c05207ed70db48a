"""Files and folders that appear whole or not at all, and one worker for a folder at a time."""

import errno
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hwflow import paths
from hwflow.errors import UserError
from hwflow.paths import data_folder, only_one, scratch_folder, whole_file, whole_folder

HOLD = """
import sys
from pathlib import Path
from hwflow import paths
from hwflow.paths import data_folder, only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_second_process_is_refused_until_the_first_ends(tmp_path: Path, temporary: Path) -> None:
    folder = tmp_path / "it's; $(a) folder"
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          cwd=root, env={"PYTHONPATH": str(root), "TMPDIR": str(temporary)}) as holder:  # fmt: skip
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="Another hwflow is at work"), only_one(folder):
            pass
        with only_one(tmp_path / "other"):
            assert len(names(temporary)) == 2
        holder.kill()
        holder.wait()
    with only_one(folder):
        pass
    assert (names(temporary), names(tmp_path)) == ([], ["tmp"])


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "deep" / ("x" * 255)
    with whole_folder(target) as draft:
        (draft / "a").write_text("1")
        assert not target.exists()
    with pytest.raises(ZeroDivisionError), whole_folder(target) as draft:
        (draft / "a").write_text(str(1 // 0))
    assert (target / "a").read_text() == "1"
    with whole_folder(target) as draft:
        (draft / "b").write_text("3")
        assert names(target) == ["a"]
    assert (names(target), names(target.parent)) == (["b"], [target.name])


def test_folders_made_on_the_way_to_a_failure_go_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "a" / "b" / "c"):
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "f.json"
    with whole_file(target) as draft:
        draft.write_text("1")
    with pytest.raises(ZeroDivisionError), whole_file(target) as draft:
        draft.write_text(str(1 // 0))
    assert (target.read_text(), names(tmp_path)) == ("1", ["f.json"])


def test_what_is_no_file_or_no_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    for whole, target in (
        (whole_folder, tmp_path / "file"),
        (whole_folder, tmp_path / "file" / "below"),
        (whole_file, tmp_path / "folder"),
        (whole_file, Path("/dev/null")),
    ):
        with pytest.raises(UserError), whole(target):
            pass
    with pytest.raises(UserError, match="already exists"), whole_folder(tmp_path / "folder", replace=False):
        pass
    assert (names(tmp_path), (tmp_path / "file").read_text()) == (["file", "folder"], "mine")


@pytest.mark.parametrize("whole", [whole_file, whole_folder])
def test_what_the_system_refuses_is_said_with_the_place(whole, tmp_path: Path) -> None:
    for target, said in (
        (tmp_path / ("x" * 256), "File name too long"),
        (tmp_path.joinpath(*["d" * 99] * 60), "File name too long"),
        (tmp_path.joinpath(*["d"] * 2100), "File name too long"),
        (Path("/proc/nowhere/x"), "cannot be used"),
    ):
        with pytest.raises(UserError, match=said) as error, whole(target):
            pass
        assert str(error.value).startswith(str(target)[:60]) and len(str(error.value)) < 400
    assert names(tmp_path) == []


def test_a_path_of_a_thousand_levels_is_no_fault(tmp_path: Path) -> None:
    target = tmp_path.joinpath(*["d"] * 1500)
    with whole_file(target) as draft:
        draft.write_text("deep")
    assert target.read_text() == "deep"
    subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)  # which pytest could not


def test_a_full_disk_is_the_targets_fault(tmp_path: Path) -> None:
    said = r"f cannot be used \(No space left on device\); free some space"
    with pytest.raises(UserError, match=said), whole_file(tmp_path / "f"), Path("/dev/full").open("w") as full:
        full.write("x")
    other = tmp_path / "other"
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "f"):
        other.read_text()


def test_a_copy_fails_for_want_of_space_where_it_goes_to(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError, match="f cannot be used"),
        whole_file(tmp_path / "f") as draft,
        scratch_folder() as here,
    ):
        raise OSError(errno.ENOSPC, "No space left on device", str(here / "a"), None, str(draft))  # as of shutil


def test_scratch_goes_with_its_block(temporary: Path) -> None:
    with scratch_folder() as folder:
        (folder / "a").mkdir()
        assert folder.parent == temporary and folder.stat().st_mode & 0o777 == 0o700
    assert names(temporary) == []


def test_data_inside_the_package_goes_before_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, stray = tmp_path / "hwflow/data/rtl", tmp_path / "rtl"
    inside.mkdir(parents=True)
    stray.mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "hwflow")
    assert data_folder("rtl") == inside
    inside.rmdir()
    assert data_folder("rtl") == stray


def test_in_a_checkout_data_lies_beside_the_package() -> None:
    root = Path(__file__).resolve().parents[1]
    assert data_folder("rtl") == root / "rtl" and data_folder("boards") == root / "boards"
