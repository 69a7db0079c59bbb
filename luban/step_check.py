"""The check before motion: what a planner asks must exist, be reachable and be allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.errors import StepRejected, unknown
from luban.motion.chain import Chain
from luban.observation import CameraView, Observation
from luban.profile import Profile
from luban.skill import SkillGoal
from luban.state import BaseState
from luban.step import ImagePoint, Skill, Step
from luban.vehicle import floor_frame

MIN_CONFIDENCE = 0.3
STANDSTILL_M_S = 0.02
REACH_MARGIN_M = 0.02
AWAY_M = 0.5  # a vehicle farther than this from its station is not there, however far its odometry is off
SPOT_M, FULL_SHARE = 0.02, 0.5  # half side of what must be free to put a part down, and how much of it may be taken
NEARLY_M, ARM_M = 0.005, 0.10  # below a rim that is full, and above it where only the arm can be
BORE_M, SHAFT_M = 0.02, (-0.01, 0.03)  # before a bore's mouth, where a shaft that sits in it shows, and at which height
NEAR_TOOL_M = 0.15  # what the gripper is so close to is not looked at: that may be the held part


@dataclass(frozen=True)
class StepCheck:
    """Vetoes a step or its goal with one sentence. It never changes them."""

    profile: Profile

    def step(self, step: Step, observation: Observation) -> None:
        """Check what the planner decided. Raises StepRejected."""
        if step.skill is Skill.DRIVE:
            self._drive(step, observation)
        if step.point is None:
            return
        view = observation.views.get(step.point.camera)
        if view is None:
            raise StepRejected(unknown("camera", step.point.camera, observation.views))
        if not view.contains(step.point):
            raise StepRejected(f"point ({step.point.u:.0f}, {step.point.v:.0f}) lies outside the {view.name} image")
        if not step.point.confidence >= MIN_CONFIDENCE:
            raise StepRejected(f"confidence {step.point.confidence:.2f} is below {MIN_CONFIDENCE}")
        holding = observation.gripper.holding
        if step.skill is Skill.PICK and holding:
            raise StepRejected("pick needs an empty gripper, it holds a part")
        if step.skill is not Skill.PICK and not holding:
            raise StepRejected(f"{step.skill} needs a part in the gripper, it is empty")
        if step.skill is Skill.PLACE:
            self._room(step.point, view, observation)
        elif step.skill is Skill.INSERT:
            self._free_bore(step.point, view, observation)

    def goal(self, goal: SkillGoal, observation: Observation) -> None:
        """Check where the step leads. Raises StepRejected."""
        if goal.pose is None:
            return
        pose = goal.pose
        if not (np.isfinite(pose.position_m).all() and np.isfinite(pose.quaternion_wxyz).all()):
            raise StepRejected(f"{goal.skill}: the target pose is not a number")
        limits = self.profile.arm.limits
        for axis, value in zip("xyz", pose.position_m, strict=True):
            low, high = getattr(limits, f"workspace_{axis}_m")
            if not low <= value <= high:
                raise StepRejected(
                    f"{goal.skill}: target {axis} = {value:.3f} m is outside the workspace {low}..{high} m"
                )
        reach_m = self._reach_m()
        distance_m = float(np.hypot(*pose.position_m[:2]))
        if distance_m > reach_m:
            raise StepRejected(f"{goal.skill}: target is {distance_m:.2f} m away, the arm reaches {reach_m:.2f} m")
        if goal.width_m > self.profile.gripper.stroke_m:
            raise StepRejected(
                f"{goal.skill}: the part is {goal.width_m * 1000:.0f} mm wide, "
                f"the gripper opens {self.profile.gripper.stroke_m * 1000:.0f} mm"
            )
        if goal.skill is Skill.PLACE and abs(observation.base.linear_m_s) > STANDSTILL_M_S:
            raise StepRejected("place: the AGV still moves")

    def _room(self, point: ImagePoint, view: CameraView, observation: Observation) -> None:
        """Veto a place into a box that is away, or where parts already reach its rim."""
        catalogue = self.profile.catalogue
        dock = catalogue.stations[catalogue.loading_station]
        docked = BaseState(0.0, dock.x_m, dock.y_m, dock.yaw_rad, 0.0, 0.0)
        for name, container in catalogue.containers.items():
            frame = floor_frame(container, docked, catalogue.floor_z_m)
            position = view.on_level(point, frame[2, 3])
            spot = (position - frame[:3, 3]) @ frame[:3, :3]
            length_m, width_m, depth_m = container.inner_size_m
            if abs(spot[0]) > length_m / 2 or abs(spot[1]) > width_m / 2:
                continue
            base = observation.base
            if container.on == "agv" and np.hypot(base.x_m - dock.x_m, base.y_m - dock.y_m) > AWAY_M:
                raise StepRejected(f"place: the AGV with the {name} is not at the {catalogue.loading_station}")
            above_m = view.around(point, view.pixels(SPOT_M, position))[:, 2] - frame[2, 3] - depth_m
            full = (above_m > -NEARLY_M) & (above_m < ARM_M)
            if len(full) and full.mean() >= FULL_SHARE:
                raise StepRejected(f"place: the {name} is full there")

    def _free_bore(self, point: ImagePoint, view: CameraView, observation: Observation) -> None:
        """Veto an insertion into a bore where a shaft already sticks out."""
        tool_m = Chain.of(self.profile.arm).tool(observation.arm.position_rad[None])[0, :3, 3]
        for name, fixture in self.profile.catalogue.fixtures.items():
            mouth = np.array(fixture.position_m)
            before = mouth - BORE_M * np.array([np.cos(fixture.yaw_rad), np.sin(fixture.yaw_rad), 0.0])
            at, meant = view.project(before), view.project(mouth)
            off_px = np.hypot(point.u - meant.u, point.v - meant.v)
            if off_px > view.pixels(fixture.bore_depth_m, mouth) or np.linalg.norm(tool_m - mouth) < NEAR_TOOL_M:
                continue
            height_m = view.around(at, 1)[:, 2] - mouth[2]
            if len(height_m) and SHAFT_M[0] < np.median(height_m) < SHAFT_M[1]:
                raise StepRejected(f"insert: a shaft already sits in the {name}")

    def _drive(self, step: Step, observation: Observation) -> None:
        assert step.station is not None
        stations = self.profile.catalogue.stations
        if step.station not in stations:
            raise StepRejected(unknown("station", step.station, stations))
        model = self.profile.arm.arm_model()
        tool_m = model.flange_transform(observation.arm.position_rad)[:3, 3]
        bench_edge_y_m = stations["dock"].y_m + self.profile.base.width_m / 2
        if tool_m[1] < bench_edge_y_m:
            raise StepRejected("drive: the arm reaches over the AGV; bring it home first")

    def _reach_m(self) -> float:
        """Horizontal reach with the tool pointing down: both long links and the wrist's offset, less a margin."""
        model = self.profile.arm.arm_model()
        return float(np.abs(model.dh_a_m).sum() + abs(model.dh_d_m[4]) - REACH_MARGIN_M)
