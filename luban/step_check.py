"""The check before motion: what a planner asks must exist, be reachable and be allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.errors import StepRejected, unknown
from luban.observation import Observation
from luban.profile import Profile
from luban.skill import SkillGoal
from luban.step import Skill, Step

MIN_CONFIDENCE = 0.3
STANDSTILL_M_S = 0.02
REACH_MARGIN_M = 0.02


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
