"""`luban bench planner`: one decision of the learned planner, image to step, beside SmolVLA's architecture."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from luban.profile import Profile
from policies.bench import CROWDED, Row, percentiles
from policies.provenance import ROOT

STEPS = 300
PEER = ROOT / "out" / "smolvla" / "bin" / "python"
TEXTS = ("put the red gear into the blue bin", "把离机器人最近的螺母放进灰色托盘，然后让小车去仓库")


def rows(profile: Profile) -> Iterator[Row]:
    """Load and step of the student in a fresh process, on one thread; beside it SmolVLA where it is installed."""
    own = json.loads(_run([sys.executable, "-m", "policies.planner.training.planner_bench", profile.name]))
    peer = _peer()
    reference = "SmolVLA: see the end of policies/checkpoints/planner/README.md for how to install it"
    if peer:
        times = peer["p50_ms"] / own["p50_ms"]
        reference = (
            f"SmolVLA, {peer['parameters'] / 1e6:.0f} M random weights: p50 {peer['p50_ms']:.0f} ms, {times:.0f} x"
        )
    yield Row("planner: image to step", own["step"], reference, "p50 <= 40, p99 <= 60 ms; SmolVLA >= 20 x slower")
    yield Row("planner: first decision, reading included", own["first"], "")
    yield Row("planner: load", f"{own['load_s']:.2f} s", f"SmolVLA {peer['load_s']:.1f} s" if peer else "", "<= 2 s")
    beside = f"SmolVLA {peer['peak_mb']:.0f} MB" if peer else ""
    yield Row("planner: memory", f"{own['peak_mb']:.0f} MB loaded, {own['base_mb']:.0f} MB before", beside, "<= 500 MB")


def measure(profile_name: str) -> dict[str, object]:
    """Measure in this process, which shall have done nothing else."""
    from luban.profile import load_profile

    profile = load_profile(profile_name)
    base_mb = _peak_mb()
    start_s = time.perf_counter()
    from policies.planner.planners import learned_planner

    planner = learned_planner(replace(profile, planner=replace(profile.planner, name="vla")))
    load_s, peak_mb = time.perf_counter() - start_s, _peak_mb()
    from luban.step import Skill, StepRecord
    from policies.local_cell import LocalCell

    cell = LocalCell(profile, CROWDED, planner=planner)
    first_ms, step_ms = [], []
    for index in range(STEPS):
        cell.cell.advance(0.008)
        observation = cell.observe()
        start_s = time.perf_counter()
        step = planner.next_step(observation, TEXTS[index % 2], ("en", "zh")[index % 2], ())
        first_ms.append(1000 * (time.perf_counter() - start_s))
        start_s = time.perf_counter()
        planner.next_step(observation, TEXTS[index % 2], ("en", "zh")[index % 2], (StepRecord(step, False, "again"),))
        step_ms.append(1000 * (time.perf_counter() - start_s))
    assert step.skill is not Skill.DONE
    return {
        "load_s": load_s, "base_mb": base_mb, "peak_mb": peak_mb, "p50_ms": float(np.percentile(step_ms, 50)),
        "step": percentiles(step_ms, "ms"), "first": percentiles(first_ms, "ms"),
    }  # fmt: skip


def _peer() -> dict[str, float] | None:
    if not PEER.exists():
        return None
    return dict(json.loads(_run([str(PEER), str(Path(__file__).with_name("smolvla_bench.py"))])))


def _run(command: list[str]) -> str:
    """Run a measurement on one thread; return its last line."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
