"""A PostgreSQL of one's own, in a temporary folder, reached by a socket there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def programs() -> Path | None:
    """The folder of its programs; None where it is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places and (places[-1] / "postgres").exists() else None


@dataclass(frozen=True)
class Server:
    """One in a folder; as root, which PostgreSQL refuses, it runs as the user `postgres`."""

    programs: Path
    folder: Path
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://hwflow@/postgres?host={self.folder}"

    def make(self) -> None:
        self._run("initdb", "-U", "hwflow", "-A", "trust", "--no-sync")

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *words]
        subprocess.run(
            command, check=True, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


@contextmanager
def server() -> Iterator[Server]:
    """Yield one that runs; it and its folder go with the block."""
    where = programs()
    assert where is not None
    folder = Path(tempfile.mkdtemp(prefix="hwflow-postgres-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    made = Server(where, folder, user)
    try:
        made.make()
        try:
            made.start()
            yield made
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
