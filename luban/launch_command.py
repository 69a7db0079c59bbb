"""`luban up`: start the ROS 2 graph of a profile from its launch file."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from luban.errors import LubanError
from luban.launch_file import LaunchDescription
from luban.launch_supervisor import Supervisor
from luban.profile import load_profile
from luban.ros_environment import require

LAUNCH_FILE = Path(__file__).resolve().parent.parent / "launch" / "cell.launch.xml"


def command(
    profile: Annotated[str, typer.Option(help="Profile: a name or a path.")] = "sim",
    scene: Annotated[str, typer.Option(help="Scene of a task file: TASKS.jsonl#ID.")] = "",
    viewer: Annotated[bool, typer.Option("--viewer", help="Open MuJoCo's viewer (needs a screen).")] = False,
    log: Annotated[Path, typer.Option(help="Event log, hash-chained.")] = Path("out/events.jsonl"),
    pace: Annotated[float, typer.Option(min=0.01, max=100.0, help="Pace of simulated time against the clock.")] = 1.0,
    planner: Annotated[
        str | None, typer.Option(help="Who decides the next skill: vla, expert or teacher; else as the profile says.")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="Who moves, for every skill: rl or baseline; else as the profile says.")
    ] = None,
) -> None:
    """Start the ROS 2 graph of a profile and keep it running until Ctrl-C."""
    cell = load_profile(profile).controlled_by(control).planned_by(planner)
    if viewer and sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise LubanError("--viewer needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set; start without it")
    require()
    importlib.import_module("luban_nodes.scene_source").scene_of(scene, cell.catalogue)  # before anything starts
    if cell.planner.name != "expert":
        importlib.import_module("policies.planner.planners").learned_planner(cell)
    importlib.import_module("luban_nodes.graph").refuse_second()
    arguments = {
        "profile": profile,
        "scene": scene and str(Path(scene.partition("#")[0]).resolve()) + "#" + scene.partition("#")[2],
        "viewer": str(viewer).lower(),
        "log": str(log.resolve()),
        "real_time_factor": str(pace),
        "planner": planner or "",
        "control": control or "",
    }
    code = Supervisor(LaunchDescription.load(LAUNCH_FILE, arguments)).run()
    if code:
        raise LubanError(f"the graph ended with exit code {code}; see the lines above for the process that failed")
