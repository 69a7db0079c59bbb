"""Push a held shaft into a horizontal bore: guarded approach, then the insertion law with or without a policy."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.motion.chain import Chain
from luban.motion.insertion import ACTIONS, OBSERVATIONS, PUSH, SEARCH, STANDOFF_M, InsertLaw, InsertTuning
from luban.policy_contract import PolicyContract
from luban.profile import ArmConfig, Profile
from luban.skill import SkillGoal
from policies.control.arm_skill import ArmSkill, Guard, Moves
from policies.control.kinematics import ArmKinematics
from policies.control.pilot import Pilot
from policies.control.policy import Policy

GUARD = Guard(way_m=0.010, speed_m_s=0.05)
PULL_OUT_M = 0.03
TIMEOUT_S = 20.0
TRIES = 8  # searches and back-offs after which the shaft counts as jammed
PATIENCE_S = 2.0  # without a millimetre gained or sought, the classical law goes on alone
ROW = np.array([0])


def insert_contract(arm: ArmConfig) -> PolicyContract:
    return PolicyContract.for_arm("insert", arm, OBSERVATIONS, ACTIONS)


class Insert(ArmSkill):
    """approach, align, push, open, retreat. The shaft's free end points along the tool's +x.

    Fails when the shaft jams, slips or takes too long; it has then been pulled out again and is still held.
    """

    def __init__(
        self,
        profile: Profile,
        kinematics: ArmKinematics,
        policy: Policy | None = None,
        tuning: InsertTuning | None = None,
        tries: int = TRIES,
    ) -> None:
        super().__init__(profile, kinematics)
        self._law = InsertLaw(Chain.of(profile.arm), 1, tuning)
        self._pilot = Pilot(policy, len(ACTIONS), profile.arm.limits.force_n, PATIENCE_S)
        self._tries = tries

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        if goal.pose is None or goal.depth_m <= 0.0 or goal.protrusion_m < goal.depth_m:
            raise SkillError(
                f"insert needs a bore and a shaft that sticks out further than it goes in: protrusion "
                f"{1000 * goal.protrusion_m:.0f} mm, depth {1000 * goal.depth_m:.0f} mm"
            )
        if not self.gripper.holding:
            raise SkillError("nothing in the gripper to insert; pick the shaft first")
        self._goal, self._bore = goal, goal.pose.matrix()
        self._law.aim(ROW, self._bore[None], np.array([goal.protrusion_m]))
        ready = self._law.tool_at(-STANDOFF_M)[0]
        above, above_rad = self.above(ready, position_rad)
        self.kinematics.inverse(self._law.tool_at(goal.depth_m)[0], above_rad)
        return self.homeward(self._run(self.way_up(position_rad), ready, above, above_rad))

    def _run(self, up: np.ndarray | None, ready: np.ndarray, above: np.ndarray, above_rad: np.ndarray) -> Moves:
        self.carry()
        yield from self.rise("approach", up)
        yield from self.move_joints("approach", above_rad)
        yield from self.move_line("align", ready, guard=GUARD)
        try:
            yield from self._push()
        except SkillError:
            yield from self._pull_out()
            raise
        yield from self.open_gripper("open", self.profile.gripper.stroke_m)
        lifted = self.kinematics.forward(self.position_rad)
        lifted[2, 3] = above[2, 3]
        yield from self.move_line("retreat", lifted)
        yield from self.go_home()

    def _push(self) -> Moves:
        """Move the shaft's end along the axis under force control until it is deep enough."""
        yield from self.wait("align", lambda: False, 0.1)
        law = self._law
        law.begin(ROW, self._sense(), np.array([self._clearance_m()]))
        self._pilot.start()
        while self._depth_m() < self._goal.depth_m:
            if law.tries[0] >= self._tries:
                raise SkillError(f"the shaft jams at {self._depth_text()}, tried {self._tries} times")
            if law.elapsed_s[0] > TIMEOUT_S:
                raise SkillError(f"the shaft went in only {self._depth_text()} in {TIMEOUT_S:.0f} s")
            sense = self._sense()
            action = self._pilot.added(law, sense, law.rest[0, :3], self._progress(), self._step_s)
            position_rad, velocity_rad_s = law.command(sense, action, self._step_s)
            yield self.joint_action(self._phase(), position_rad[0], velocity_rad_s[0])

    def _progress(self) -> float:
        """In millimetres; a new search is progress too."""
        return 1000 * self._depth_m() + 5 * float(self._law.tries[0])

    def _phase(self) -> str:
        """What the law does; said too when the policy no longer decides."""
        phase = {PUSH: "push", SEARCH: "search"}.get(int(self._law.phase[0]), "back off")
        return self._pilot.said(phase)

    def _pull_out(self) -> Moves:
        yield from self.brake("stop")
        out = self.kinematics.forward(self.position_rad)
        out[:3, 3] -= (max(self._depth_m(), 0.0) + PULL_OUT_M) * self._bore[:3, 2]
        yield from self.move_line("pull out", out, 0.08)

    def _clearance_m(self) -> float:
        """Between shaft and bore, by their drawings; the spiral's pitch follows from it."""
        radii = [fixture.bore_radius_m for fixture in self.profile.catalogue.fixtures.values()]
        return max(0.0003, min(radii, default=0.0125) - self._goal.width_m / 2) if self._goal.width_m else 0.001

    def _depth_m(self) -> float:
        """Depth of the shaft's end as measured through the arm's joints."""
        return float(self._law.measured(self._sense())[0][0, 2])

    def _depth_text(self) -> str:
        return f"{1000 * self._depth_m():.0f} of {1000 * self._goal.depth_m:.0f} mm"
