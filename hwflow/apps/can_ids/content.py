"""A file's bytes as numbered lines of text, whatever it was packed or encoded with."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

HEAD = 1 << 16  # bytes from which the format is told
BROKEN_PACKING = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
_LONGEST_LINE = 4096
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # candump -c

Line = tuple[int, str]


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The file for reading, and seeking; gzip, bzip2 and xz are known by their first bytes, not by the name."""
    with path.open("rb") as raw:
        magic = raw.read(6)
        raw.seek(0)
        if magic.startswith(b"\x1f\x8b"):
            with gzip.open(raw, "rb") as stream:
                yield cast(IO[bytes], stream)
        elif magic.startswith(b"BZh"):
            with bz2.open(raw, "rb") as stream:
                yield cast(IO[bytes], stream)
        elif magic == b"\xfd7zXZ\0":
            with lzma.open(raw, "rb") as stream:
                yield cast(IO[bytes], stream)
        else:
            yield raw


def head_of(stream: IO[bytes]) -> bytes:
    """The first bytes, or as many of them as can be unpacked; the stream stands at its beginning again."""
    head = b""
    try:
        while len(head) < HEAD and (more := cast(io.BufferedIOBase, stream).read1(HEAD - len(head))):
            head += more
    except BROKEN_PACKING:
        if not head:
            raise
    stream.seek(0)
    return head


def encoding_of(head: bytes) -> str:
    """By the byte-order mark; without one UTF-16 by its zeros, else UTF-8."""
    for mark, encoding in _ENCODINGS:
        if head.startswith(mark):
            return encoding
    sample = head[: len(head) & ~1]
    if len(sample) >= 64:
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            zeros, others = sample[offset::2].count(0), sample[1 - offset :: 2].count(0)
            if zeros > 0.9 * len(sample) / 2 and others < zeros / 10:
                return encoding
    return "utf-8"


def lines_of(stream: IO[bytes], encoding: str) -> Generator[Line]:
    """Lines by their number from 1, without line ends, byte-order marks and a terminal's colours.

    Of a line longer than 4,096 characters the rest is dropped, which leaves no frame in it.
    """
    text = io.TextIOWrapper(stream, encoding, errors="replace")
    try:
        number = 0
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith("\n"):
                while (more := text.readline(_LONGEST_LINE)) and not more.endswith("\n"):
                    pass
            line = line.rstrip("\r\n").lstrip("\ufeff")
            yield number, _COLOUR.sub("", line) if "\x1b" in line else line
    finally:
        text.detach()


def is_comment(line: str) -> bool:
    """Whether a line is blank, or begins as remarks do in whatever format."""
    return not line.strip() or line.lstrip().startswith(("#", "//"))


def first_lines(head: bytes) -> list[str]:
    """The lines of a file's first bytes that can be seen whole and are neither blank nor remarks."""
    lines = [line for _, line in lines_of(io.BytesIO(head), encoding_of(head))]
    whole = lines[:-1] if len(head) >= HEAD else lines
    return [line for line in whole if not is_comment(line)]
