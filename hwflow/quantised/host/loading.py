"""Writes a net's weights and thresholds into a board's memories, and reads them back (docs/link.md)."""

from contextlib import closing

import numpy as np

from hwflow.errors import ToolError
from hwflow.host.errors import Refused
from hwflow.host.link import Link
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation, Status
from hwflow.progress import Progress, silent
from hwflow.quantised.backend.loads import Content

MEMORIES = 0x80000000  # address on the link of the two bytes of address 0 on the bus of `hwf_memory`
DIGEST = 0x81FFFFF0  # of the digest of what is loaded


def load(link: Link, content: Content, progress: Progress = silent) -> bool:
    """See to it that the board holds the content; whether it had to be written.

    What was written is read back and compared before the board is told that it is loaded. Raises ToolError if it differs,
    and the errors of `hwflow.host.errors`.
    """
    if loaded_digest(link) == content.digest:
        return False
    runs = list(content.runs(PAYLOAD_LIMIT // 2))
    writes = [Command(Operation.WRITE, MEMORIES + 2 * at, data) for at, data in runs]
    reads = [Command(Operation.READ, MEMORIES + 2 * at, bytes([len(data)])) for at, data in runs]
    found = bytearray()
    with closing(link.run([*writes, *reads])) as replies:
        for done, reply in enumerate(replies, 1):
            found += reply
            progress("loading weights", done / (len(writes) + len(reads)))
    wrong = np.count_nonzero(np.frombuffer(bytes(found), dtype="<u2") != content.values)
    if wrong:
        raise ToolError(
            f"Of the {len(content.values):,} values that were loaded into the board on {link.name}, {wrong:,} read back "
            "otherwise; load them again, and build the project again if that does not help."
        )
    link.write(DIGEST, content.digest)
    return True


def loaded_digest(link: Link) -> bytes | None:
    """The digest of what the board says is loaded; None if nothing is, or not all."""
    try:
        return link.read(DIGEST, 16)
    except Refused as refused:
        if refused.status != Status.NOT_LOADED:
            raise
        return None
