"""Push a held shaft into a horizontal bore: guarded approach, force-limited admittance, spiral search, jam recovery.

The scheme is the classical one for round pegs: Chhatpar & Branicky, "Search strategies for peg-in-hole assemblies
with position uncertainty" (IROS 2001); admittance as in Hogan, "Impedance control" (1985).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from luban.errors import SkillError
from luban.profile import Profile
from luban.skill import ArmAction, SkillGoal
from policies.control.arm_skill import ArmSkill, Guard, Moves
from policies.control.kinematics import ArmKinematics, rotation_about

GUARD = Guard(way_m=0.010, speed_m_s=0.05)
STANDOFF_M = 0.02  # between the shaft's end and the mouth before pushing
PULL_OUT_M = 0.03


@dataclass(frozen=True)
class InsertTuning:
    """How hard and how fast. Forces [N], ways [m], rates per second."""

    push_n: float = 22.0  # sought axial force; stays below what the grip's friction holds
    push_m_s_n: float = 0.0009  # axial speed per newton that is missing: with 90 N/mm still well damped
    free_m_s: float = 0.03  # ahead of the mouth
    entry_m_s: float = 0.018  # from the mouth on, wherever nothing resists: the speed of an impact on hard faces
    entry_m: float = 0.007  # the mouth is at most this far from where it was seen
    yield_m_s_n: float = 0.0007  # sideways speed per newton of side force
    yield_rad_s_nm: float = 0.05  # tilt speed per newton metre
    yield_most_m_s: float = 0.010  # however hard the contact: fast giving way between hard faces would chatter
    yield_most_rad_s: float = 0.10
    sideways_m: float = 0.006  # largest correction from where the bore was seen
    tilt_rad: float = 0.06
    deadband_n: float = 1.5
    limit_n: float = 50.0  # above this the push gives way at once
    stuck_s: float = 0.3
    stuck_m: float = 0.0003
    search_n: float = 10.0
    search_pitch_m: float = 0.0015
    search_m_s: float = 0.02
    search_m: float = 0.006  # largest radius
    found_m: float = 0.0008  # the shaft has dropped into the mouth
    backoff_m: float = 0.004
    tries: int = 4
    timeout_s: float = 20.0


class Insert(ArmSkill):
    """approach, align, push, open, retreat. The shaft's free end points along the tool's +x.

    Fails when the shaft jams, slips or takes too long; it has then been pulled out again and is still held.
    """

    def __init__(self, profile: Profile, kinematics: ArmKinematics, tuning: InsertTuning | None = None) -> None:
        super().__init__(profile, kinematics)
        self.tuning = tuning or InsertTuning()

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        if goal.pose is None or goal.depth_m <= 0.0 or goal.protrusion_m < goal.depth_m:
            raise SkillError(
                f"insert needs a bore and a shaft that sticks out further than it goes in: protrusion "
                f"{1000 * goal.protrusion_m:.0f} mm, depth {1000 * goal.depth_m:.0f} mm"
            )
        if not self.gripper.holding:
            raise SkillError("nothing in the gripper to insert; pick the shaft first")
        self._bore = goal.pose.matrix()
        self._protrusion_m, self._depth_m = goal.protrusion_m, goal.depth_m
        ready = self._tool_at(-STANDOFF_M)
        above, above_rad = self.above(ready, position_rad)
        self.kinematics.inverse(self._tool_at(self._depth_m), above_rad)
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

    # The push -----------------------------------------------------------------------------------------------------

    def _push(self) -> Moves:
        """Move the shaft's end along the axis under force control until it is deep enough."""
        tuning = self.tuning
        yield from self.wait("align", lambda: False, 0.1)
        self._rest, self._pushed_s = self.arm.wrench.copy(), 0.0
        self._way_m, self._aside_m, self._tilt_rad = -STANDOFF_M, np.zeros(2), np.zeros(3)
        for _ in range(tuning.tries):
            arrived = yield from self._advance()
            if arrived:
                return
            found = False
            if self._depth_reached_m() < tuning.entry_m:
                found = yield from self._search()
            if not found:
                yield from self._back_off()
        raise SkillError(f"the shaft jams at {self._depth_text()}, tried {tuning.tries} times")

    def _advance(self) -> Generator[ArmAction, None, bool]:
        """Push on, giving way to side forces; return True when deep enough, False when stuck."""
        tuning = self.tuning
        still_s, mark_m = 0.0, -np.inf
        while (depth_m := self._depth_reached_m()) < self._depth_m:
            still_s += self._step_s
            if depth_m > mark_m + tuning.stuck_m:
                mark_m, still_s = depth_m, 0.0
            if still_s > tuning.stuck_s:
                return False
            force, torque = self._contact_wrench()
            self._go_on(force, tuning.push_n, depth_m)
            self._give_way(force, torque)
            yield self._step("push")
        return True

    def _go_on(self, force: np.ndarray, push_n: float, depth_m: float) -> None:
        """Along the axis, as fast as the missing force asks for."""
        tuning = self.tuning
        axial_n = -float(force[2])
        speed = tuning.push_m_s_n * (push_n - axial_n)
        if np.linalg.norm(force) > tuning.limit_n:
            speed = min(speed, -tuning.entry_m_s)
        elif axial_n < tuning.deadband_n:
            speed = tuning.entry_m_s if depth_m > -tuning.entry_m else tuning.free_m_s
        self._way_m += self._step_s * float(np.clip(speed, -tuning.free_m_s, tuning.free_m_s))

    def _give_way(self, force: np.ndarray, torque: np.ndarray) -> None:
        """Sideways and in tilt, with what the bore's wall asks for."""
        tuning = self.tuning
        side = _shorten(tuning.yield_m_s_n * _beyond(force[:2], tuning.deadband_n), tuning.yield_most_m_s)
        self._aside_m = _shorten(self._aside_m + self._step_s * side, tuning.sideways_m)
        turn = _shorten(tuning.yield_rad_s_nm * np.array([torque[0], torque[1], 0.0]), tuning.yield_most_rad_s)
        self._tilt_rad = _shorten(self._tilt_rad + self._step_s * turn, tuning.tilt_rad)

    def _search(self) -> Generator[ArmAction, None, bool]:
        """Slide the shaft's end over the face on an Archimedean spiral about where the bore was seen, at constant
        speed and with a light push; return True when it drops into the mouth."""
        tuning = self.tuning
        self._tilt_rad = np.zeros(3)
        pitch_m, angle_rad, start = tuning.search_pitch_m / (2 * np.pi), 0.0, self._aside_m.copy()
        while float(np.linalg.norm(start)) > 1e-6:  # what the face's edge pushed aside misleads: back to the middle
            start = _shorten(start, max(0.0, float(np.linalg.norm(start)) - tuning.search_m_s * self._step_s))
            self._aside_m = start
            self._go_on(self._contact_wrench()[0], tuning.search_n, 0.0)
            yield self._step("search")
        face_m = self._depth_reached_m()
        while pitch_m * angle_rad < tuning.search_m:
            angle_rad += tuning.search_m_s * self._step_s / max(pitch_m * angle_rad, 0.0008)
            self._aside_m = pitch_m * angle_rad * np.array([np.cos(angle_rad), np.sin(angle_rad)])
            self._go_on(self._contact_wrench()[0], tuning.search_n, 0.0)
            yield self._step("search")
            if self._depth_reached_m() > face_m + tuning.found_m:
                return True
        return False

    def _back_off(self) -> Moves:
        """Free a jammed shaft: a little backwards, and forget the corrections."""
        target_m = self._way_m - self.tuning.backoff_m
        while self._way_m > target_m:
            self._way_m -= self.tuning.entry_m_s * self._step_s
            self._aside_m, self._tilt_rad = 0.97 * self._aside_m, 0.97 * self._tilt_rad
            yield self._step("back off")

    def _step(self, phase: str) -> ArmAction:
        self._pushed_s += self._step_s
        if self._pushed_s > self.tuning.timeout_s:
            raise SkillError(f"the shaft went in only {self._depth_text()} in {self.tuning.timeout_s:.0f} s")
        return self.follow(phase, self._commanded())

    def _pull_out(self) -> Moves:
        yield from self.brake("stop")
        out = self.kinematics.forward(self.position_rad)
        out[:3, 3] -= (max(self._depth_reached_m(), 0.0) + PULL_OUT_M) * self._bore[:3, 2]
        yield from self.move_line("pull out", out, 0.08)

    # Geometry -----------------------------------------------------------------------------------------------------

    def _tool_at(self, depth_m: float) -> np.ndarray:
        """Return the (4, 4) transform of the tool with the shaft's end on the axis at a depth in the bore."""
        along = self._bore[:3, 2]
        down = np.array([0.0, 0.0, -1.0])
        down = down - (down @ along) * along
        down /= np.linalg.norm(down)
        result = np.eye(4)
        result[:3, :3] = np.column_stack([along, np.cross(down, along), down])
        result[:3, 3] = self._bore[:3, 3] + (depth_m - self._protrusion_m) * along
        return result

    def _commanded(self) -> np.ndarray:
        """The tool with all corrections; tilting turns about the shaft's end."""
        nominal = self._tool_at(self._way_m)
        rotation, along = self._bore[:3, :3], self._bore[:3, 2]
        tilt = rotation @ rotation_about(self._tilt_rad) @ rotation.T
        end = nominal[:3, 3] + self._protrusion_m * along
        end = end + rotation[:, :2] @ self._aside_m
        result = nominal.copy()
        result[:3, :3] = tilt @ nominal[:3, :3]
        result[:3, 3] = end - self._protrusion_m * result[:3, 0]
        return result

    def _depth_reached_m(self) -> float:
        """Depth of the shaft's end as measured through the arm's joints."""
        tool = self.kinematics.forward(self.arm.position_rad)
        end = tool[:3, 3] + self._protrusion_m * tool[:3, 0]
        return float((end - self._bore[:3, 3]) @ self._bore[:3, 2])

    def _depth_text(self) -> str:
        return f"{1000 * self._depth_reached_m():.0f} of {1000 * self._depth_m:.0f} mm"

    def _contact_wrench(self) -> tuple[np.ndarray, np.ndarray]:
        """Contact force (3,) [N] and torque about the shaft's end (3,) [N·m] on the tool, in the bore's frame."""
        tool = self.kinematics.forward(self.arm.position_rad)
        wrench = self.arm.wrench - self._rest
        force, torque = tool[:3, :3] @ wrench[:3], tool[:3, :3] @ wrench[3:]
        sensor = -self.profile.arm.tool_length_m * tool[:3, 2]
        lever = self._protrusion_m * tool[:3, 0] - sensor
        to_bore = self._bore[:3, :3].T
        return to_bore @ force, to_bore @ (torque - np.cross(lever, force))


def _beyond(values: np.ndarray, deadband: float) -> np.ndarray:
    """Shorten a vector by a dead band."""
    size = float(np.linalg.norm(values))
    return values * max(0.0, 1.0 - deadband / size) if size > 0.0 else values


def _shorten(values: np.ndarray, most: float) -> np.ndarray:
    size = float(np.linalg.norm(values))
    return values * (most / size) if size > most else values
