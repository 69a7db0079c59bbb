"""Pick with eyes: the pick law re-looks with the wrist camera, and a policy, if there is one, adds to it."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.motion.chain import Chain
from luban.motion.overhead import flat_pose
from luban.motion.part_view import Look, find_part
from luban.motion.picking import ACTIONS, BACK_OFF, CLOSE, DESCEND, LIFT, OBSERVATIONS, PickLaw
from luban.observation import CameraView
from luban.policy_contract import PolicyContract
from luban.profile import ArmConfig, Profile
from luban.skill import ArmAction, SkillGoal
from luban.state import ArmState, GripperState
from policies.control.arm_skill import Moves
from policies.control.kinematics import ArmKinematics
from policies.control.pick import Pick
from policies.control.pilot import Pilot
from policies.control.policy import Policy

CAMERA = "wrist"
LATE_S = 0.25  # how much later than its moment an image may arrive
BLIND_S = 1.0  # without a look for so long the classical pick goes on with what it was told
TIMEOUT_S = 12.0
TRIES = 3
PATIENCE_S = 2.0  # without a millimetre gained, the classical law goes on alone
DOWN = -0.999  # of the tool's axis: the law knows no other grips
ROW = np.array([0])
_PHASES = {DESCEND: "descend", CLOSE: "close", LIFT: "lift", BACK_OFF: "back off"}


def pick_contract(arm: ArmConfig) -> PolicyContract:
    return PolicyContract.for_arm("pick", arm, OBSERVATIONS, ACTIONS)


class LearnedPick(Pick):
    """As Pick; between `above` and the lifted part the law corrects the grip with what the wrist camera sees and tries
    again when it has gripped nothing. policy None: the law alone.

    Whoever ticks it looks at `camera` before every tick; if that names one, and a new image of it is there, `see` takes
    the image. Without images it is the classical pick.
    """

    def __init__(self, profile: Profile, kinematics: ArmKinematics, policy: Policy | None = None) -> None:
        super().__init__(profile, kinematics)
        self._law = PickLaw(Chain.of(profile.arm), 1)
        self._pilot = Pilot(policy, len(ACTIONS), profile.arm.limits.force_n, PATIENCE_S)
        self.camera, self._looked_s = "", -np.inf  # when a look could tell something last
        self._transform_tool_to_camera = np.linalg.inv(profile.transform_camera_to_tool(CAMERA))

    def start(self, goal: SkillGoal, arm: ArmState, gripper: GripperState) -> None:
        self.camera, self._looked_s = "", -np.inf
        super().start(goal, arm, gripper)

    def see(self, view: CameraView) -> None:
        """Take an image of the wrist camera from a moment when a look could tell something, maybe a little late. Bad
        depths are left out."""
        law, (height, width) = self._law, view.depth_m.shape
        if not self.camera or not (law.looking()[0] or view.stamp_s <= self._looked_s):
            return
        look = Look(*law.aim(ROW), view.intrinsics, view.transform_camera_to_cell[None], (width, height))
        pixels, inside = look.pixels()
        u, v = np.where(inside[..., None], pixels, 0).astype(int).transpose(2, 0, 1)
        depth = view.depth_m[v, u].astype(np.float64)
        seen = inside & np.isfinite(depth) & (depth > 0)
        points = look.points(pixels, np.where(seen, depth, 0.0))
        tool_z = (view.transform_camera_to_cell @ self._transform_tool_to_camera)[2:3, 3]
        law.see(ROW, find_part(look, points, seen, tool_z, law.goal[:, 3], law.width_m, law.protrusion_m))

    def tick(self, arm: ArmState, gripper: GripperState) -> ArmAction:
        action = super().tick(arm, gripper)
        if self._moves is None or self._failed or self._recovering:
            self.camera = ""
        return action

    def _grip(self, target: np.ndarray, above: np.ndarray) -> Moves:
        if target[2, 2] > DOWN:
            yield from super()._grip(target, above)
            return
        law, goal = self._law, self._goal
        lift_m = np.array([above[2, 3] - target[2, 3]])
        grip, width = flat_pose(target[None]), np.array([goal.width_m])
        law.begin(ROW, self._sense(), grip, width, np.array([goal.protrusion_m]), lift_m)
        self._pilot.start()
        while not law.done[0]:
            self._looked_s = self.arm.stamp_s if law.looking()[0] else self._looked_s
            self.camera = CAMERA if self.arm.stamp_s <= self._looked_s + LATE_S else ""
            if law.looks[0] == 0 and law.phase[0] == DESCEND and law.in_phase_s[0] > self._blind_s():
                yield from self._go_on_blind(target, above)
                return
            self._refuse_vain()
            sense = self._sense()
            action = self._pilot.added(law, sense, law.rest[0, :3], self._progress(), self._step_s)
            position_rad, velocity_rad_s, aim_m = law.command(sense, action, self._step_s)
            self._opening_m = float(np.clip(aim_m[0], 0.0, self.profile.gripper.stroke_m))
            phase = self._pilot.said(_PHASES[int(law.phase[0])])
            yield self.joint_action(phase, position_rad[0], velocity_rad_s[0])
        self.camera = ""
        self.carry()

    def _go_on_blind(self, target: np.ndarray, above: np.ndarray) -> Moves:
        """No image, or nothing in it that could be the part: the classical pick, where it was told to be."""
        self.camera = ""
        yield from self.brake("descend")
        yield from self.open_gripper("descend", self._goal.width_m + self._law.tuning.clearance_m)
        yield from super()._grip(target, above)

    def _blind_s(self) -> float:
        """The law itself goes on sooner, in training; here the classical pick does."""
        return min(BLIND_S, self._law.tuning.wait_s - 2 * self._period_s)

    def _refuse_vain(self) -> None:
        if self._law.tries[0] >= TRIES:
            raise SkillError(f"nothing in the gripper, tried {TRIES} times")
        if self._law.elapsed_s[0] > TIMEOUT_S:
            raise SkillError(f"nothing in the gripper after {TIMEOUT_S:.0f} s")

    def _progress(self) -> float:
        """In millimetres; the phases follow each other, and a new try is progress too."""
        law = self._law
        height_mm = 1000 * (self.height_m() - float(law.goal[0, 2]))
        progress = {DESCEND: -height_mm, CLOSE: 100.0, LIFT: 200.0 + height_mm, BACK_OFF: height_mm}
        return progress[int(law.phase[0])] + 1000.0 * float(law.tries[0])
