"""`luban demo`: two tasks, Chinese and English, through the whole graph; pictures and a film in out/."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from luban.errors import LubanError
from luban.executor import Outcome
from luban.profile import load_profile
from luban.task import Predicate
from luban.whole_file import write_whole
from luban_nodes.film import Film, following
from luban_nodes.ros_stage import RosStage
from luban_nodes.scene_source import DEFAULT_SCENE
from luban_nodes.task_command import show

TASKS: tuple[tuple[str, str, tuple[Predicate, ...]], ...] = (
    (
        "zh",
        "先把轴插进壳体，再把红色齿轮放进蓝色料箱。",
        (("inserted", "shaft", "housing"), ("in", "gear", "blue_bin")),
    ),
    (
        "en",
        "Load the blue nut onto the AGV and send it to the inspection station.",
        (("in", "nut", "tote"), ("at", "agv", "inspection")),
    ),
)


def command(
    out: Annotated[Path, typer.Option(help="Folder for pictures and film.")] = Path("out/demo"),
    film: Annotated[bool, typer.Option(help="Make the film (about 20 s more).")] = True,
) -> None:
    """Two tasks, one Chinese and one English, through the real ROS 2 graph: arm, gripper, fixture and AGV."""
    started_s = time.monotonic()
    profile = load_profile("sim")
    print("starting the ROS 2 graph: twin, drivers with safety gates, controllers, cameras, planner ...", flush=True)
    stage = RosStage(profile, "sim", 1.0, out / "events.jsonl", show)
    try:
        stage.load(DEFAULT_SCENE)
        recorder = Film(stage.node)
        faults = []
        for number, (language, text, goal) in enumerate(TASKS, start=1):
            print(f"\n“{text}”", flush=True)
            result = stage.execute(text, language)
            print(
                f"  {result.outcome}: {result.message}  ({result.steps} skills, {result.seconds:.1f} s of robot time)"
            )
            faults += [] if result.outcome is Outcome.DONE else [f"task {number} ended {result.outcome}"]
            faults += [f"not true at the end: {' '.join(fact)}" for fact in goal if not stage.world.holds(fact)]
            _save(out / f"task{number}.png", stage.world.picture(view=following(stage.world), fine=False))
            _save(out / f"task{number}-overview.png", stage.picture())
        world = stage.world
    finally:
        stage.close()
    if film:
        recorder.save(out / "demo.mp4", world).save(out / "demo.png")
        print(f"film: {out / 'demo.mp4'}   six moments of it: {out / 'demo.png'}")
    print(f"pictures: {out}/*.png   event log: {out / 'events.jsonl'}   total {time.monotonic() - started_s:.0f} s")
    if faults:
        raise LubanError("the demo did not reach its goals: " + "; ".join(faults))


def _save(path: Path, picture: np.ndarray) -> None:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "PNG")
    write_whole(path, encoded.getvalue())
