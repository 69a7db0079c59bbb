"""Ticks one skill of the arm to its end on the raw twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from luban.observation import CameraView
from luban.pose import Pose
from luban.skill import ArmAction, ArmController, Seeing, SkillGoal, Status
from luban.step import Skill
from sim.parts import GRIP_BEHIND_M, shape_of
from sim.world import World

DEADLINE_S = 25.0  # of robot time
PERIOD_S = 0.2  # of the wrist camera


@dataclass
class Run:
    """What happened in one skill: status, reason, phases in order, the largest force [N] and all actions."""

    status: Status
    reason: str
    phases: list[str]
    peak_n: float
    seconds: float
    actions: list[ArmAction] = field(repr=False)

    @property
    def positions_rad(self) -> np.ndarray:
        return np.array([action.arm.position_rad for action in self.actions if action.arm is not None])


def carry_out(
    world: World,
    controller: ArmController,
    goal: SkillGoal,
    meddle: Callable[[ArmAction], None] = lambda action: None,
) -> Run:
    """Tick a skill until it ends; `meddle` may do something to the world after every action."""
    controller.start(goal, world.arm.read(), world.gripper.read())
    actions: list[ArmAction] = []
    phases: list[str] = []
    peak_n, start_s = 0.0, world.time_s
    while world.time_s - start_s < DEADLINE_S:
        state = world.arm.read()
        peak_n = max(peak_n, float(np.linalg.norm(state.wrench[:3])))
        action = controller.tick(state, world.gripper.read())
        actions.append(action)
        if not phases or phases[-1] != action.phase:
            phases.append(action.phase)
        if action.arm is not None:
            world.arm.send(action.arm)
        if action.gripper is not None:
            world.gripper.send(action.gripper)
        meddle(action)
        if action.status is not Status.RUNNING:
            return Run(action.status, action.reason, phases, peak_n, world.time_s - start_s, actions)
        world.step(1.0 / world.profile.arm.rate_hz)
    raise AssertionError(f"not finished after {DEADLINE_S} s of robot time, in {phases}")


class Eyes:
    """Shows a controller the wrist camera's images, as the runner does: a `meddle` of `carry_out`."""

    def __init__(
        self, world: World, controller: Seeing, spoil: Callable[[CameraView], CameraView] = lambda view: view
    ) -> None:
        self.world, self.controller, self.spoil = world, controller, spoil
        self.next_s, self.shown = -np.inf, 0

    def __call__(self, action: ArmAction) -> None:
        if self.controller.camera and self.world.time_s >= self.next_s:
            self.controller.see(self.spoil(self.world.render(self.controller.camera)))
            self.next_s, self.shown = self.world.time_s + PERIOD_S, self.shown + 1


def tool_down(position_m, yaw_rad: float) -> Pose:
    """A tool frame pointing down, its x axis turned by yaw about the cell's z."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    transform = np.eye(4)
    transform[:3, :3] = [[c, s, 0], [s, -c, 0], [0, 0, -1]]
    transform[:3, 3] = position_m
    return Pose.from_matrix(transform)


def pick_goal(world: World, part: str) -> SkillGoal:
    """Grip a part where the simulator knows it to be."""
    truth = world.truth().parts[part]
    grip, transform = shape_of(truth.shape).grips[0], truth.pose.matrix()
    yaw = np.arctan2(transform[1, 0], transform[0, 0]) + grip.yaw_rad
    position = transform[:3, 3] + transform[:3, :3] @ np.array(grip.offset_m)
    ahead = shape_of("shaft").half_m[0] + GRIP_BEHIND_M if truth.shape == "shaft" else 0.0
    return SkillGoal(Skill.PICK, tool_down([*position[:2], max(position[2], 0.0095)], yaw), None, grip.width_m, ahead)
