"""Frames: every one comes through whole, and no disturbance makes a wrong one."""

import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.host.frame import FRAME_LIMIT, Decoder, Reply, Request, encode
from hwflow.host.requests import PAYLOAD_LIMIT, Operation, Status

BYTE = st.integers(0, 255)
WORD = st.integers(0, 2**32 - 1)
PAYLOAD = st.binary(max_size=PAYLOAD_LIMIT) | st.just(b"\0" * PAYLOAD_LIMIT) | st.just(b"\x01" * PAYLOAD_LIMIT)
REQUESTS = st.builds(Request, BYTE, BYTE, WORD, PAYLOAD)
REPLIES = st.builds(Reply, BYTE, BYTE, WORD, PAYLOAD)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


def test_layout_of_a_request() -> None:
    body = bytes([7, 3, 0x78, 0x56, 0x34, 0x12, 2, 0xAA, 0xBB])
    body += zlib.crc32(body).to_bytes(4, "little")
    assert 0 not in body
    assert encode(Request(7, Operation.WRITE, 0x12345678, b"\xaa\xbb")) == bytes([0, len(body) + 1]) + body + b"\0"


def test_layout_of_a_reply() -> None:
    body = bytes([7, 6, 0x78, 0x56, 0x34, 0x12, 1, 0xAA])
    body += zlib.crc32(body).to_bytes(4, "little")
    assert encode(Reply(7, Status.STALLED, 0x12345678, b"\xaa")) == bytes([0, len(body) + 1]) + body + b"\0"


@settings(deadline=None)
@given(st.lists(REQUESTS, max_size=4), st.lists(st.integers(0, 2**16), max_size=8))
def test_frames_come_through_however_they_are_cut(requests: list[Request], places: list[int]) -> None:
    decoder = Decoder(Request)
    data = b"".join(encode(request) for request in requests)
    found = [frame for piece in cut(data, places) for frame in decoder.feed(piece)]
    assert found == requests
    assert (decoder.good, decoder.crc_errors, decoder.length_errors) == (len(requests), 0, 0)


@settings(deadline=None)
@given(st.lists(REPLIES, min_size=2, max_size=4))
def test_neighbours_may_share_a_zero(replies: list[Reply]) -> None:
    data = b"\0" + b"".join(encode(reply)[1:] for reply in replies)
    assert Decoder(Reply).feed(data) == replies


@settings(deadline=None)
@given(REPLIES, st.binary(max_size=600), st.binary(max_size=600))
def test_garbage_before_and_after_costs_no_frame(reply: Reply, before: bytes, after: bytes) -> None:
    decoder = Decoder(Reply)
    found = decoder.feed(before + encode(reply) + after + b"\0" + encode(reply))
    assert found == [reply, reply]


@settings(deadline=None)
@given(REPLIES, st.data())
def test_a_corrupted_frame_is_never_a_wrong_frame(reply: Reply, data: st.DataObject) -> None:
    wire = bytearray(encode(reply))
    for _ in range(data.draw(st.integers(1, 4), label="faults")):
        place = data.draw(st.integers(0, max(len(wire) - 1, 0)), label="place")
        match data.draw(st.sampled_from(["flip", "drop", "duplicate", "set"]), label="fault"):
            case "flip":
                wire[place : place + 1] = bytes(b ^ 1 << data.draw(st.integers(0, 7)) for b in wire[place : place + 1])
            case "drop":
                del wire[place : place + 1]
            case "duplicate":
                wire[place:place] = wire[place : place + 1]
            case _:
                wire[place : place + 1] = data.draw(st.binary(max_size=2))
    decoder = Decoder(Reply)
    assert [frame for frame in decoder.feed(bytes(wire) + b"\0") if frame != reply] == []
    assert decoder.feed(encode(reply)) == [reply]


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_noise_is_no_frame(noise: bytes) -> None:
    assert Decoder(Request).feed(noise + b"\0") == []


def test_disturbances_are_counted_by_kind() -> None:
    decoder = Decoder(Reply)
    good = encode(Reply(1, 0, 5, b"abc"))
    wrong = bytearray(good)
    wrong[-2] ^= 1
    decoder.feed(bytes(wrong))
    assert (decoder.good, decoder.crc_errors, decoder.length_errors) == (0, 1, 0)
    decoder.feed(b"\0" + b"x" * 5000 + b"\0")
    assert (decoder.good, decoder.crc_errors, decoder.length_errors) == (0, 1, 1)
    decoder.feed(b"\0\x05ab\0" + b"\0\0\0")
    assert (decoder.good, decoder.crc_errors, decoder.length_errors) == (0, 1, 2)


def test_an_endless_frame_takes_no_memory() -> None:
    decoder = Decoder(Reply)
    for _ in range(100):
        decoder.feed(b"x" * 10_000)
    assert len(decoder._coded) <= FRAME_LIMIT
    assert decoder.feed(encode(Reply(1, 0, 5))) == [Reply(1, 0, 5)]


@pytest.mark.parametrize(
    "frame", [Request(256, 1, 0), Request(0, 1, 2**32), Request(0, 1, -1), Reply(0, 0, 0, b"x" * 241)]
)
def test_what_does_not_fit_a_frame_is_refused(frame: Request | Reply) -> None:
    with pytest.raises(ValueError, match=r"frame|range"):
        encode(frame)


def test_the_longest_frame() -> None:
    assert len(encode(Request(255, 255, 2**32 - 1, b"\xff" * PAYLOAD_LIMIT))) == FRAME_LIMIT
