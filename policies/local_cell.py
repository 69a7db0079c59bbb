"""The whole stack in one process, without ROS: twin, gates, controllers, perception, planner and executor."""

from __future__ import annotations

from collections.abc import Callable

from luban.event_log import EventLog
from luban.executor import Executor
from luban.local_runner import LocalRunner
from luban.observation import Observation
from luban.planner import Planner
from luban.profile import Profile
from luban.step import Step
from luban.step_check import StepCheck
from luban.task import Scene
from policies.control.controllers import arm_controllers, base_controller
from policies.planner.planners import learned_planner
from sim.description import urdf
from sim.expert import Expert
from sim.gated_cell import GatedCell
from sim.truth_perception import TruthPerception
from sim.world import World


class LocalCell:
    """One scene, ready for a task: `executor.run(text, language)`. Time is simulated and runs as fast as it can."""

    def __init__(
        self,
        profile: Profile,
        scene: Scene,
        log: EventLog | None = None,
        listener: Callable[[Step, str], None] = lambda step, phase: None,
        planner: Planner | None = None,
    ) -> None:
        """planner: one that is loaded already; None: as the profile says.

        Raises LubanError when that one cannot be loaded."""
        self.world = World(profile, scene)
        self.cell = GatedCell(self.world)
        perception = TruthPerception(self.world.truth, profile)
        runner = LocalRunner(
            arm=self.cell.arm,
            gripper=self.cell.gripper,
            base=self.cell.base,
            arm_controllers=arm_controllers(profile, urdf(self.world.model, "world", "luban_cell")),
            base_controller=base_controller(profile),
            advance=self.cell.advance,
            arm_period_s=1.0 / profile.arm.rate_hz,
            base_period_s=1.0 / profile.base.rate_hz,
            look=self.world.render,
            camera_period_s=1.0 / profile.cameras["wrist"].rate_hz,
        )
        if planner is None and profile.planner.name == "expert":
            planner = Expert(profile.catalogue, self.world.truth, perception.free_spot)
        self.executor = Executor(
            planner=planner or learned_planner(profile),
            perception=perception,
            observe=self.observe,
            runner=runner,
            check=StepCheck(profile),
            log=log or EventLog(),
            budget=profile.budget,
            clock=lambda: self.world.time_s,
            listener=listener,
        )

    def observe(self) -> Observation:
        world = self.world
        return Observation(
            stamp_s=world.time_s,
            views={name: world.render(name) for name in ("overview",)},
            arm=self.cell.arm.read(),
            gripper=self.cell.gripper.read(),
            base=self.cell.base.read(),
        )

    def close(self) -> None:
        self.world.close()
