"""Take the policies of a finished `luban train TASK` into policies/checkpoints: all seeds, their curves, and the best.

Usage: .venv/bin/python scripts/ship_policies.py TASK [FOLDER]
FOLDER: where the runs lie, out/train/TASK by default. The best is the one with the best held-out score; the unseen
episodes, on which numbers are published, choose nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from policies.control.controllers import CHECKPOINTS
from policies.control.policy import Policy
from policies.control.training.control_bench import contract


def held_out(curve: Path) -> tuple[float, float]:
    """Success and, after it, speed of the best evaluation of a run."""
    scores = [point["score"] for point in json.loads(curve.read_text(encoding="utf-8"))["curve"]]
    return max((score["successes"] / score["episodes"], -(score["mean_s"] or 1e9)) for score in scores)


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    task = sys.argv[1]
    runs = sorted(Path(sys.argv[2] if len(sys.argv) == 3 else f"out/train/{task}").glob("seed_*"))
    if not runs:
        sys.exit(f"no runs of {task!r}: train them first, `luban train {task} --seeds 0,1,2`")
    folder, required = CHECKPOINTS / task, contract(task)
    folder.mkdir(parents=True, exist_ok=True)
    for run in runs:
        Policy.load(run / f"{task}.json", required).save(folder / f"{run.name}.json")
        (folder / f"curve_{run.name}.json").write_bytes((run / "curve.json").read_bytes())
    best = max(runs, key=lambda run: held_out(run / "curve.json"))
    Policy.load(best / f"{task}.json", required).save(CHECKPOINTS / f"{task}.json")
    print(f"{task}: {len(runs)} seeds shipped, {best.name} runs on the robot")


if __name__ == "__main__":
    main()
