import numpy as np

from hwflow.apps.can_ids.bus import frame_seconds
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.vehicle import GEAR_IDENTIFIER, RPM_IDENTIFIER, crc8, generate, messages


def test_at_least_forty_periodic_identifiers() -> None:
    periodic = [message for message in messages(np.random.default_rng(0)) if not message.event]
    assert len({message.identifier for message in periodic}) == len(periodic) >= 40
    assert {GEAR_IDENTIFIER, RPM_IDENTIFIER} <= {message.identifier for message in periodic}
    assert len({message.dlc for message in periodic}) >= 4


def test_equal_seeds_give_equal_traffic() -> None:
    one, two, other = generate(3, 0.5), generate(3, 0.5), generate(4, 0.5)
    assert np.array_equal(one.time, two.time)
    assert np.array_equal(one.payload, two.payload)
    assert not np.array_equal(one.payload[:100], other.payload[:100])


def test_frames_fit_on_the_bus(benign: CanLog) -> None:
    log = benign
    seconds = frame_seconds(log.dlc, log.extended)
    assert (np.diff(log.time) >= seconds[1:] - 1e-9).all()
    assert 0.25 < seconds.sum() / log.duration < 0.6


def test_period_and_counter_of_a_message(benign: CanLog) -> None:
    log = benign
    rpm = log.take(log.identifier == RPM_IDENTIFIER)
    assert abs(np.median(np.diff(rpm.time)) - 0.01) < 2e-4
    assert np.ptp(np.diff(rpm.time)) > 1e-4
    assert ((np.diff((rpm.payload[:, 6] & 15).astype(int)) % 16) == 1).all()


def test_checksum(benign: CanLog) -> None:
    log = benign
    rpm = log.take(log.identifier == RPM_IDENTIFIER)
    assert np.array_equal(crc8(rpm.payload[:, :7]), rpm.payload[:, 7])
    # The catalogue's check value of CRC-8/SAE-J1850.
    assert crc8(np.frombuffer(b"123456789", dtype=np.uint8)[None]).tolist() == [0x4B]


def test_no_data_beyond_the_length(benign: CanLog) -> None:
    log = benign
    for dlc in range(8):
        assert not log.payload[log.dlc == dlc, dlc:].any()
