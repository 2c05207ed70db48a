"""The program: a job's file in, a result or a failure in its folder out."""

import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path

from .build import Building, BuildJob
from .job import Failure, Job
from .steps import Run, run_steps


def main(path: str) -> int:
    """Do the job of a file; the exit status."""
    _end_with_parent()
    asked = json.loads(Path(path).read_text())
    folder = Path(asked["folder"])
    run: Run | Building
    try:
        if asked.pop("task", "compile") == "build":
            run = Building(folder)
            result = run.run(BuildJob(**asked))
        else:
            run = Run(folder)
            result = run_steps(Job(**asked), run)
    except Failure as failure:
        return _failed(folder, failure)
    except Exception as error:  # whatever FINN raises becomes a sentence on the other side
        traceback.print_exc(file=sys.stdout)
        return _failed(folder, Failure(run.at, _node_in(str(error)), str(error) or type(error).__name__))
    (folder / "result.json").write_text(json.dumps(result, indent=1))
    return 0


def _failed(folder: Path, failure: Failure) -> int:
    told = {"step": failure.step, "node": failure.node, "message": " ".join(failure.message.split())[:400]}
    (folder / "failure.json").write_text(json.dumps(told))
    return 1


def _node_in(text: str) -> str:
    """The first word that looks like a node's name, as MVAU_rtl_0."""
    words = (word.strip(".,:;()'\"") for word in text.split())
    return next((w for w in words if "_" in w and w[:1].isupper() and w.rsplit("_", 1)[-1].isdigit()), "")


def _end_with_parent() -> None:
    """If hwflow dies, however it dies, this does too."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
