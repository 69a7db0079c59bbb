"""What a skill is asked to do, and the controllers that do it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from luban.observation import CameraView
from luban.pose import Pose
from luban.state import (
    ArmCommand,
    ArmState,
    BaseCommand,
    BaseState,
    GripperCommand,
    GripperState,
    LidarScan,
)
from luban.step import Skill


@dataclass(frozen=True, eq=False)
class SkillGoal:
    """A step grounded in space.

    pose: in the cell frame. pick: the tool frame when gripping; place: the tool frame when letting go;
        insert: the frame of the bore, origin at its mouth, z along the insertion direction; drive: None.
        Tool frame: origin between the pads, z out of the gripper along the approach, y along the closing direction.
        A shaft is gripped behind its middle, so that it sticks out along the tool's +x.
    width_m: what the pads close on [m]; protrusion_m: how far the held part sticks out along the tool's +x [m];
    depth_m: how deep to insert [m].
    """

    skill: Skill
    pose: Pose | None = None
    station: str | None = None
    width_m: float = 0.0
    protrusion_m: float = 0.0
    depth_m: float = 0.0
    label: str = ""


class Status(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class SkillResult:
    succeeded: bool
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class ArmAction:
    """What an arm controller wants next; a missing command repeats nothing: silence stops."""

    status: Status
    arm: ArmCommand | None = None
    gripper: GripperCommand | None = None
    phase: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class BaseAction:
    status: Status
    base: BaseCommand | None = None
    phase: str = ""
    reason: str = ""


class ArmController(Protocol):
    """A skill on the arm: started once, then ticked with every arm state (125 Hz). Knows no instruction.

    `start` raises SkillError when the goal cannot be reached; nothing has moved then.
    """

    def start(self, goal: SkillGoal, arm: ArmState, gripper: GripperState) -> None: ...
    def tick(self, arm: ArmState, gripper: GripperState) -> ArmAction: ...


@runtime_checkable
class Seeing(Protocol):
    """A controller that looks while it works: whoever ticks it reads `camera` before every tick and, unless it is
    empty, hands each new image of that camera to `see`. It must cope with images that never come.
    """

    camera: str

    def see(self, view: CameraView) -> None: ...


class BaseController(Protocol):
    """A skill on the mobile base: started once, then ticked with every base state (20 Hz)."""

    def start(self, goal: SkillGoal, base: BaseState, scan: LidarScan) -> None: ...
    def tick(self, base: BaseState, scan: LidarScan) -> BaseAction: ...


class SkillRunner(Protocol):
    """Carries out one goal to its end, in-process or over ROS actions; as soon as `stop` is set it ends the skill."""

    def run(self, goal: SkillGoal, stop: threading.Event) -> SkillResult: ...
