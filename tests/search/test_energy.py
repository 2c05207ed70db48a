"""The energy that a machine spends, by counters that come round."""

from pathlib import Path

from hwflow.search.energy import Meter, Spent, spent_in, words


def zone(folder: Path, name: str, microjoules: int) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "energy_uj").write_text(f"{microjoules}\n")
    (folder / name / "max_energy_range_uj").write_text("10000000\n")


def test_packages_are_added_up_and_their_parts_are_not(tmp_path: Path) -> None:
    for name, start in (("intel-rapl:0", 9_000_000), ("intel-rapl:1", 1_000_000), ("intel-rapl:0:0", 0)):
        zone(tmp_path, name, start)
    meter = Meter(tmp_path)
    zone(tmp_path, "intel-rapl:1", 3_000_000)
    zone(tmp_path, "intel-rapl:0:0", 9_000_000)
    assert meter.read().joules == 2.0
    zone(tmp_path, "intel-rapl:0", 500_000)  # which has come round
    assert meter.read().joules == 3.5


def test_where_there_is_no_counter_it_is_said(tmp_path: Path) -> None:
    spent = Meter(tmp_path / "none").read()
    assert spent.joules is None and spent.seconds >= 0
    assert words((spent,)).startswith("energy: not known; no machine let its processor's counters be read")
    zone(tmp_path, "intel-rapl:0", 1)
    (tmp_path / "intel-rapl:0" / "energy_uj").unlink()  # as where only root may read it
    assert Meter(tmp_path).read().joules is None


def test_commands_are_added_up() -> None:
    notes = {
        "spent a": Spent("one", 1800.0, 7200.0).to_json(),
        "spent b": Spent("two", 1800.0, None).to_json(),
        "other": 3,
    }
    assert words(spent_in(notes, "spent ")).startswith(
        "energy: 2.00 Wh of whole processor packages (RAPL) in 0.50 of 1.00 hours of 2 commands"
    )
    assert words(()).startswith("energy: not known")
