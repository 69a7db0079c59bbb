"""What every skill of the arm shares: a sequence of motions, ticked with the arm's states, that fails with a reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np

from luban.errors import SkillError
from luban.motion.sense import ArmSense
from luban.profile import Profile
from luban.skill import ArmAction, SkillGoal, Status
from luban.state import ArmCommand, ArmState, GripperCommand, GripperState
from policies.control.arm_watch import ArmWatch
from policies.control.kinematics import ArmKinematics
from policies.control.trajectory import Brake, Line, Motion, MotionLimits, PointToPoint
from policies.control.transit import Transit

Moves = Generator[ArmAction, None, None]

SPEED_SHARE = 0.8  # of the profile's limits; the rest is left to corrections
JERK_S = 0.08  # time in which the acceleration may rise to its limit
LATE_PERIODS = 3  # a motion never jumps further than this, however late a tick comes
SLOW_RAD, HOLD_RAD = 0.06, 0.12  # lag behind the command at which a motion begins to wait, and waits, for the arm
LEAST_PACE = 0.02
RESUME_TICKS = 10
HELD_S = 0.5  # a motion that waits for longer has failed
GRIP_TIMEOUT_S = 2.0
CARRY_Z_M = 0.20  # tool height at which a held part clears bins, fixtures and other parts
CLEAR_Z_M = 0.16  # tool height for moves through the air
APPROACH_M = 0.10  # straight way above a target
LINE_M_S = 0.6


class Touched(SkillError):
    """The tool met something; the arm has stopped there."""


@dataclass(frozen=True)
class Guard:
    """Where contact is possible: the last `way_m` of a line are slow, and a contact force of `force_n` ends it.

    The speed decides the impact: the arm weighs some ten kilograms at the tool and needs two periods to react.
    """

    way_m: float
    speed_m_s: float
    force_n: float = 12.0


class ArmSkill(ABC):
    """One skill as a sequence of motions. A subclass plans all its waypoints first, then yields action after action.

    The sequence reads `self.arm` and `self.gripper`, which are fresh after every yield, and raises SkillError to fail:
    the arm then brakes along its limits before the failure is reported. transit: how it moves through the air; None:
    straight in joint space.
    """

    transit: Transit | None = None

    def __init__(self, profile: Profile, kinematics: ArmKinematics) -> None:
        self.profile = profile
        self.kinematics = kinematics
        limits = profile.arm.limits
        velocity, acceleration = np.array(limits.velocity_rad_s), np.array(limits.acceleration_rad_s2)
        self._limits = MotionLimits(SPEED_SHARE * velocity, SPEED_SHARE * acceleration, acceleration / JERK_S)
        self._watch = ArmWatch(profile)
        self._period_s = 1.0 / profile.arm.rate_hz
        self._moves: Moves | None = None

    @abstractmethod
    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        """Find all waypoints at once and return the motions. Raises SkillError when one is out of reach."""

    def start(self, goal: SkillGoal, arm: ArmState, gripper: GripperState) -> None:
        """Raises SkillError when the goal or the states are unusable; nothing has moved then."""
        fault = self._watch.fault(arm, gripper)
        if fault:
            raise SkillError(f"cannot start {goal.skill}: {fault}")
        if goal.pose is not None and not np.isfinite(goal.pose.matrix()).all():
            raise SkillError(f"cannot start {goal.skill}: its pose is not finite: {goal.pose}")
        self.arm, self.gripper = arm, gripper
        self.position_rad = arm.position_rad.copy()  # the command: it starts where the arm is
        self.velocity_rad_s = np.zeros_like(self.position_rad)
        self._opening_m = gripper.opening_m
        self._gripper_due_s = -np.inf
        self._carrying, self._recovering, self._failed, self._started = False, False, False, False
        self._step_s, self._pace, self._held_s = self._period_s, 1.0, 0.0
        self._held_ticks = 0
        self._watch.reset()
        self._moves = self.plan(goal, self.position_rad)

    def tick(self, arm: ArmState, gripper: GripperState) -> ArmAction:
        """Return the next action; RUNNING until the sequence has ended or failed."""
        if self._moves is None:
            return ArmAction(Status.FAILED, reason="the skill was ticked before it was started")
        fault = self._watch.fault(arm, gripper)
        if fault:
            self._moves = None
            return ArmAction(Status.FAILED, reason=fault)
        self._take(arm, gripper)
        try:
            hazard = None if self._failed else self._hazard()
            return next(self._moves) if hazard is None else self._moves.throw(hazard)
        except StopIteration:
            self._moves = None
            return self._action("done", Status.SUCCEEDED)
        except SkillError as error:
            self._failed, self._moves = True, self._give_up(str(error))
            return next(self._moves)

    # Motions ------------------------------------------------------------------------------------------------------

    def move_joints(self, phase: str, goal_rad: np.ndarray) -> Moves:
        """Move through the air to joint angles (joints,)."""
        transit = self.transit
        reason = transit.begin(self.position_rad, goal_rad, self.gripper.holding) if transit else ""
        if transit is None or reason:
            yield from self._move_straight(f"{phase} (classical: {reason})" if reason else phase, goal_rad)
            return
        while not transit.arrived:
            yield self.joint_action(transit.said(phase), *transit.command(self._sense(), self._step_s))

    def _move_straight(self, phase: str, goal_rad: np.ndarray) -> Moves:
        motion = PointToPoint(self.position_rad, goal_rad, self._limits)
        for position_rad, velocity_rad_s, _ in self._samples(motion):
            yield self._action(phase, position_rad=position_rad, velocity_rad_s=velocity_rad_s)

    def move_line(
        self,
        phase: str,
        goal: np.ndarray,
        speed_m_s: float = LINE_M_S,
        guard: Guard | None = None,
    ) -> Moves:
        """Move the tool straight to a (4, 4) transform. Guarded, contact stops the arm anywhere on it and raises
        Touched."""
        line = Line(self.kinematics.forward(self.position_rad), goal)
        slow_m = min(guard.way_m, line.length_m) if guard else 0.0
        slow_m_s = min(guard.speed_m_s, speed_m_s) if guard else 0.0
        start_m, velocity_m_s, rest_n = np.zeros(1), np.zeros(1), self._force()
        for end_m, most_m_s, leave_m_s in (
            (line.length_m - slow_m, speed_m_s, slow_m_s),
            (line.length_m, slow_m_s or speed_m_s, 0.0),
        ):
            if end_m - start_m[0] < 1e-6:
                continue
            leave = np.array([min(leave_m_s, np.sqrt(2.0 * (end_m - start_m[0])))])
            motion = PointToPoint(start_m, np.array([end_m]), MotionLimits.line(most_m_s), velocity_m_s, leave)
            for way_m, velocity, acceleration in self._samples(motion):
                yield self.follow(phase, line.at(float(way_m[0])))
                if guard and np.linalg.norm(self._force() - rest_n) > guard.force_n:
                    contact = self._contact(rest_n)
                    yield from self._brake_on(phase, line, way_m, velocity, acceleration)
                    raise Touched(f"touched something during {phase!r}: {contact}")
            start_m, velocity_m_s = np.array([end_m]), leave

    def follow(self, phase: str, transform_tool_to_cell: np.ndarray) -> ArmAction:
        """Return the action that brings the tool to a transform close to where it is commanded to be."""
        position_rad = self.position_rad
        for _ in range(2):
            position_rad = self.kinematics.follow(position_rad, transform_tool_to_cell)
        return self.joint_action(phase, position_rad, (position_rad - self.position_rad) / self._step_s)

    def joint_action(self, phase: str, position_rad: np.ndarray, velocity_rad_s: np.ndarray) -> ArmAction:
        """Return the action that commands joint angles (joints,) close by, reached at a speed (joints,).

        Raises SkillError when a joint would have to be faster than it may."""
        most = np.array(self.profile.arm.limits.velocity_rad_s)
        if (np.abs(velocity_rad_s) > most).any():
            asked = np.round(np.abs(velocity_rad_s), 2).tolist()
            raise SkillError(f"{phase!r} needs joint speeds of {asked} rad/s, above {most.tolist()}: a singularity")
        return self._action(phase, position_rad=position_rad, velocity_rad_s=velocity_rad_s)

    def wait(self, phase: str, done: Callable[[], bool], timeout_s: float) -> Generator[ArmAction, None, bool]:
        """Hold still until something is true; return whether it came true in time."""
        elapsed_s = 0.0
        while not done():
            if elapsed_s > timeout_s:
                return False
            yield self._action(phase)
            elapsed_s += self._step_s
        return True

    def open_gripper(self, phase: str, opening_m: float, enough_m: float | None = None) -> Moves:
        """Let go, or open ahead of a grip, and wait until the pads are there, or at `enough_m` on their way.

        Raises SkillError when they do not move."""
        self.aim_gripper(opening_m)
        enough_m = min(self._opening_m, enough_m or self._opening_m) - 0.003
        opened = yield from self.wait(phase, lambda: self.gripper.opening_m > enough_m, GRIP_TIMEOUT_S)
        if not opened:
            at, asked = 1000 * self.gripper.opening_m, 1000 * enough_m
            raise SkillError(f"the gripper did not open: required {asked:.0f} mm, actual {at:.0f} mm; what blocks it?")

    def close_gripper(self, phase: str = "close") -> Generator[ArmAction, None, bool]:
        """Close until something is held or the pads meet; return whether something is held."""
        self.aim_gripper(0.0)
        counted, stamp_s, last_m = 0, -np.inf, np.inf

        def settled() -> bool:
            nonlocal counted, stamp_s, last_m
            if self.gripper.stamp_s > stamp_s:
                still = self.gripper.holding and abs(self.gripper.opening_m - last_m) < 5e-4
                counted = counted + 1 if still else 0
                stamp_s, last_m = self.gripper.stamp_s, self.gripper.opening_m
            return counted >= 3 or self.gripper.opening_m < 0.001

        yield from self.wait(phase, settled, GRIP_TIMEOUT_S)
        self._carrying = self.gripper.holding
        return self._carrying

    def aim_gripper(self, opening_m: float) -> None:
        """From now on ask the gripper for an opening, without waiting for it."""
        self._opening_m = float(np.clip(opening_m, 0.0, self.profile.gripper.stroke_m))
        self._gripper_due_s = -np.inf
        self._carrying = False

    def carry(self) -> None:
        """Something is held from before: keep the grip, and fail when it slips."""
        self._opening_m, self._gripper_due_s, self._carrying = 0.0, -np.inf, True

    def rise(self, phase: str, up: np.ndarray | None) -> Moves:
        """Before a move through the air: straight up to a height that clears what stands on the bench."""
        if up is not None:
            yield from self.move_line(phase, up)

    def height_m(self) -> float:
        """Measured height of the tool above the bench."""
        return float(self.kinematics.forward(self.arm.position_rad)[2, 3])

    def go_home(self, phase: str = "retreat") -> Moves:
        yield from self.move_joints(phase, self.kinematics.home_rad)

    def brake(self, phase: str, reason: str = "") -> Moves:
        """Come to rest from whatever motion was under way."""
        limits = MotionLimits(self._limits.velocity * 2, self._limits.acceleration, self._limits.jerk * 4)
        for position_rad, velocity_rad_s, _ in self._samples(Brake(self.position_rad, self.velocity_rad_s, limits)):
            yield self._action(phase, position_rad=position_rad, velocity_rad_s=velocity_rad_s, reason=reason)

    def homeward(self, moves: Moves) -> Moves:
        """Run a sequence; when it fails, go straight up and home before the failure is reported, so that the cameras
        see the cell again."""
        try:
            yield from moves
        except SkillError:
            self._recovering = True
            yield from self.brake("stop")
            yield from self.rise("retreat", self.way_up(self.position_rad))
            yield from self.go_home()
            raise

    # Planning -----------------------------------------------------------------------------------------------------

    def above(self, target: np.ndarray, near_rad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return transform and joints straight above a target, as near to the carrying height as the arm can reach.

        Raises:
            SkillError: the target itself, or every place above it, is out of reach.
        """
        at_target = self.kinematics.inverse(target, near_rad)
        lowest = target[2, 3] + APPROACH_M
        failure: SkillError | None = None
        for height in np.linspace(max(CARRY_Z_M, lowest), lowest, 5):
            transform = target.copy()
            transform[2, 3] = height
            try:
                return transform, self.kinematics.inverse(transform, at_target)
            except SkillError as error:
                failure = error
        assert failure is not None
        raise failure

    def way_up(self, position_rad: np.ndarray) -> np.ndarray | None:
        """Return the (4, 4) transform straight above the tool where moves through the air may start; None if there."""
        up = self.kinematics.forward(position_rad)
        for height in np.linspace(CLEAR_Z_M, up[2, 3], 5)[:-1]:
            if height < up[2, 3] + 0.01:
                return None
            up[2, 3] = height
            try:
                self.kinematics.inverse(up, position_rad)
            except SkillError:
                up = self.kinematics.forward(position_rad)
                continue
            return up
        return None

    # Inside -------------------------------------------------------------------------------------------------------

    def _samples(self, motion: Motion) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Sample a motion in the arm's own time."""
        elapsed_s = 0.0
        while elapsed_s < motion.duration_s:
            elapsed_s += self._step_s
            yield motion.at(elapsed_s)

    def _brake_on(
        self, phase: str, line: Line, way_m: np.ndarray, velocity: np.ndarray, acceleration: np.ndarray
    ) -> Moves:
        for braked_m, _, _ in self._samples(Brake(way_m, velocity, MotionLimits.line(1.0, 6.0, 400.0), acceleration)):
            yield self.follow(phase, line.at(float(braked_m[0])))

    def _give_up(self, reason: str) -> Moves:
        """Brake along the limits, hold, report."""
        yield from self.brake("stop", reason)
        self._moves = None
        yield self._action("failed", Status.FAILED, reason=reason)

    def _action(
        self,
        phase: str,
        status: Status = Status.RUNNING,
        position_rad: np.ndarray | None = None,
        velocity_rad_s: np.ndarray | None = None,
        reason: str = "",
    ) -> ArmAction:
        """Command a joint position; without one, hold the last."""
        if position_rad is not None:
            self.position_rad = position_rad
        self.velocity_rad_s = (
            np.zeros_like(self.position_rad) if velocity_rad_s is None else self._pace * velocity_rad_s
        )
        now_s = self.arm.stamp_s
        # After a silence the gate takes the measured position first; from there it leads the arm back to the motion.
        asks = self._held_ticks % RESUME_TICKS == 1
        command = ArmCommand(
            now_s,
            now_s + self.profile.arm.command_timeout_s,
            self.arm.joint_names,
            (self.arm.position_rad if asks else self.position_rad).copy(),
            np.zeros_like(self.velocity_rad_s) if asks else self.velocity_rad_s.copy(),
        )
        return ArmAction(status, command, self._gripper_command(now_s), phase, reason)

    def _gripper_command(self, now_s: float) -> GripperCommand | None:
        """At the gripper's own rate; half a second of validity bridges a few lost ones."""
        if now_s < self._gripper_due_s:
            return None
        self._gripper_due_s = now_s + 1.0 / self.profile.gripper.rate_hz
        return GripperCommand(now_s, now_s + 0.5, self._opening_m, self.profile.gripper.force_n)

    def _take(self, arm: ArmState, gripper: GripperState) -> None:
        elapsed_s = arm.stamp_s - self.arm.stamp_s if self._started else self._period_s
        self._started = True
        # A repeated stamp still moves on a little, so that a motion always ends.
        elapsed_s = float(np.clip(elapsed_s, 0.1 * self._period_s, LATE_PERIODS * self._period_s))
        # Where the gate held the arm back, the motion waits for it instead of running away.
        lag_rad = float(np.abs(self.position_rad - arm.position_rad).max())
        self._pace = float(np.clip((HOLD_RAD - lag_rad) / (HOLD_RAD - SLOW_RAD), LEAST_PACE, 1.0))
        self._held_ticks = self._held_ticks + 1 if self._pace == LEAST_PACE else 0
        self._held_s = self._held_s + elapsed_s if self._pace == LEAST_PACE else 0.0
        self._step_s = elapsed_s * self._pace
        self.arm, self.gripper = arm, gripper

    def _hazard(self) -> SkillError | None:
        """What must not happen in any motion. The sequence gets it thrown in and may recover from it; while it does,
        only an arm that does not follow still counts."""
        reason = self._watch.lag(self.arm, self.position_rad, patient=self._held_s < HELD_S)
        if reason:
            self._held_s = 0.0
            # The gate holds the arm after a silence and takes no target but the measured position: begin again there.
            self.position_rad, self.velocity_rad_s = self.arm.position_rad.copy(), self.arm.velocity_rad_s.copy()
        elif not self._recovering:
            reason = self._watch.force(self.arm) or self._watch.slip(self.arm, self.gripper, self._carrying)
            self._recovering = bool(reason)
        return SkillError(reason) if reason else None

    def _force(self) -> np.ndarray:
        """Contact force (3,) on the tool, tool frame [N]."""
        return self.arm.wrench[:3]

    def _sense(self) -> ArmSense:
        """What was measured last, as a control law takes it."""
        return ArmSense.of(self.arm, self.gripper)

    def _contact(self, rest_n: np.ndarray) -> str:
        height = self.kinematics.forward(self.arm.position_rad)[2, 3]
        return f"{np.linalg.norm(self._force() - rest_n):.0f} N at a height of {1000 * height:.0f} mm"
