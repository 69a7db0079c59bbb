"""Grip parts from above and lift them: re-look, guarded descent, close, lift, try again; and what a policy may add.

Look-then-move in the sense of Sanderson & Weiss (1980): the wrist camera corrects the believed grip on the way down. A
policy adds bounded velocities and moves the instant of closing (residual reinforcement learning: Johannink et al.
2019), so that a silent policy is the classical law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain, wrap
from luban.motion.part_view import CLOSE_M, LEAST_LIFT_M, WIDE_M, PartSeen
from luban.motion.sense import ArmSense

DESCEND, CLOSE, LIFT, BACK_OFF = 0, 1, 2, 3
AHEAD = 0.3  # of what sticks out ahead of the tool: there, about, is the middle of the part
OBSERVATIONS = (
    "height", "height_fine", "error_x", "error_y", "error_yaw", "error_x_fine", "error_y_fine", "looked", "look_age",
    "looks", "shift_x", "shift_y", "force_x", "force_y", "force_z", "smooth_force_x", "smooth_force_y",
    "smooth_force_z", "torque_x", "torque_y", "torque_z", "speed_x", "speed_y", "speed_z", "speed_yaw", "opening",
    "spare_opening", "grip_force", "holding", "descending", "closing", "lifting", "backing_off", "in_phase", "elapsed",
    "width", "protrusion", "tries", "last_x", "last_y", "last_z", "last_yaw", "last_grip",
)  # fmt: skip
ACTIONS = ("x", "y", "z", "yaw", "grip")


@dataclass(frozen=True)
class PickTuning:
    """How fast and how careful. Ways [m], forces [N], times [s]."""

    clearance_m: float = 0.024  # how much wider than the part the pads come down
    free_m_s: float = 0.30
    touch_m_s: float = 0.025  # where a finger may meet something: bare fingers on steel are hard
    slow_m: float = 0.014  # above the grip: from here on no faster than that
    blind_slow_m: float = 0.040  # the same before anything was seen: fingers may land on the part's top
    brake_m_s2: float = 2.0
    lift_m_s: float = 0.45
    lifted_m: float = 0.09
    sideways_m_s: float = 0.25
    turn_rad_s: float = 1.5
    gain_1_s: float = 8.0
    funnel: float = 4.0  # metres of height kept per metre that the tool is still aside
    aside_m: float = 0.004  # and what of it does not matter
    look_m: float = 0.085  # above the grip: not lower before a look has come, and again for another try
    wait_s: float = 0.8  # longest wait for a look
    close_m: float = 0.0012  # above the grip: close
    early_m: float = 0.006  # how much earlier a policy may ask for it
    pinch_m: float = 0.008  # between the pads, wider than the part: closer, they are about to meet it
    held_s: float = 0.04
    grip_s: float = 0.9  # nothing held after this: try again
    slipped_s: float = 0.15
    touch_n: float = 12.0
    limit_n: float = 30.0  # above this nothing may push on
    give_m_s: float = 0.03
    arrive_1_s: float = 10.0  # the arm runs ahead of the command by some 40 ms of its speed, where its servos are soft
    deepest_m: float = 0.0005  # below the grip
    smooth_s: float = 0.06
    most_looks: float = 4.0
    most_shift_m: float = 0.05  # what is seen farther from the believed grip is another part
    residual_m_s: tuple[float, float, float] = (0.05, 0.05, 0.20)
    residual_rad_s: float = 0.8


_ACCELERATION = np.array([2.0, 2.0, 3.0, 8.0])  # of the command: m/s², yaw in rad/s²; stopping takes no longer
_BRAKE = np.array([4.0, 4.0, 8.0, 16.0])


class PickLaw:
    """State of n picks. Call `begin` for the rows that start, `see` when a look has come, then every period `observe`
    (if a policy is asked) and `command`. The tool points straight down; poses are (n, 4): x, y, z [m], yaw [rad].
    """

    def __init__(self, chain: Chain, count: int, tuning: PickTuning | None = None, relook: bool = True) -> None:
        self.chain, self.count, self.tuning, self.relook = chain, count, tuning or PickTuning(), relook
        self.goal, self.target, self.at, self.speed = (np.zeros((count, 4)) for _ in range(4))
        self.position_rad = np.zeros((count, len(chain.arm.joint_names)))  # the command
        self.phase, self.tries = (np.zeros(count, dtype=int) for _ in range(2))
        for name in (
            "width_m", "protrusion_m", "lift_m", "elapsed_s", "in_phase_s", "held_s", "empty_s", "looks", "look_age_s",
            "pressed_s", "aim_m",
        ):  # fmt: skip
            setattr(self, name, np.zeros(count))
        self.middle_m = np.zeros((count, 2))
        self.rest = np.zeros((count, 6))
        self.smooth_n, self.last = np.zeros((count, 3)), np.zeros((count, len(ACTIONS)))

    width_m: np.ndarray
    protrusion_m: np.ndarray
    lift_m: np.ndarray
    elapsed_s: np.ndarray
    in_phase_s: np.ndarray
    held_s: np.ndarray
    empty_s: np.ndarray
    looks: np.ndarray
    look_age_s: np.ndarray
    pressed_s: np.ndarray
    aim_m: np.ndarray

    def begin(
        self,
        rows: np.ndarray,
        sense: ArmSense,
        grip: np.ndarray,
        width_m: np.ndarray,
        protrusion_m: np.ndarray,
        lift_m: np.ndarray | float,
    ) -> None:
        """Start rows (k,) from where they are, above believed grips (k, 4), to be lifted by lift_m above them.

        width_m, protrusion_m: (k,) of the part between the pads and ahead of them. sense: of all n.
        """
        tool = self.chain.tool(sense.position_rad[rows])
        self.goal[rows] = self.target[rows] = grip
        self.at[rows] = flat_pose(tool)
        self.at[rows, 3] = grip[:, 3] + wrap(self.at[rows, 3] - grip[:, 3])
        self.position_rad[rows] = sense.position_rad[rows]
        self.width_m[rows], self.protrusion_m[rows], self.lift_m[rows] = width_m, protrusion_m, lift_m
        ahead = np.column_stack([np.cos(grip[:, 3]), np.sin(grip[:, 3])])
        self.middle_m[rows] = grip[:, :2] + AHEAD * protrusion_m[:, None] * ahead
        self.rest[rows] = sense.wrench[rows]
        for values in (self.speed, self.smooth_n, self.last):
            values[rows] = 0.0
        for values in (
            self.phase, self.tries, self.elapsed_s, self.in_phase_s, self.held_s, self.empty_s, self.looks,
            self.look_age_s, self.pressed_s,
        ):  # fmt: skip
            values[rows] = 0
        self.aim_m[rows] = self.width_m[rows] + self.tuning.clearance_m

    # Looking ------------------------------------------------------------------------------------------------------

    def aim(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where to look: lattice centres (k, 3) on the surface below the part, and their spacing (k,) [m]."""
        centre = np.column_stack([self.middle_m[rows], self.goal[rows, 2] - 0.01])
        return centre, np.where(self.looks[rows] > 0, CLOSE_M, WIDE_M)

    def looking(self) -> np.ndarray:
        """Whether (n,) a look can tell anything now: before the fingers close, from high enough."""
        height = self.at[:, 2] - self.goal[:, 2]
        return np.asarray(
            self.relook & ((self.phase == DESCEND) | (self.phase == BACK_OFF)) & (height > LEAST_LIFT_M - 0.015)
        )

    def see(self, rows: np.ndarray, seen: PartSeen) -> None:
        """Take what looks (k,) have told. They count only before the fingers close."""
        if not self.relook:
            return
        shift_m = np.linalg.norm(seen.grip[:, :2] - self.goal[rows, :2], axis=1)
        use = (
            seen.valid
            & (shift_m < self.tuning.most_shift_m)
            & ((self.phase[rows] == DESCEND) | (self.phase[rows] == BACK_OFF))
        )
        rows, grip, middle = rows[use], seen.grip[use], seen.middle_m[use]
        # The first, wide look only says where to look closely.
        looks = np.where(self.looks[rows] > 0.5, self.looks[rows], 0.0)
        share = (1.0 / (looks + 1.0))[:, None]
        self.target[rows, :2] += share * (grip[:, :2] - self.target[rows, :2])
        self.target[rows, 3] += share[:, 0] * wrap(grip[:, 2] - self.target[rows, 3])
        self.middle_m[rows] = middle
        self.look_age_s[rows] = 0.0
        self.looks[rows] = np.where(self.looks[rows] > 0, np.minimum(looks + 1.0, self.tuning.most_looks - 1.0), 0.5)

    # Moving -------------------------------------------------------------------------------------------------------

    @property
    def done(self) -> np.ndarray:
        """Whether (n,) the part is held and the lift has come to its end."""
        return np.asarray(
            (self.phase == LIFT) & (self.at[:, 2] > self.goal[:, 2] + self.lift_m - 0.001) & (self.held_s > 0.0)
        )

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, len(OBSERVATIONS)), each about one in size."""
        tool, jacobian = self.chain.tool_and_jacobian(sense.position_rad)
        now = flat_pose(tool)
        height = now[:, 2] - self.goal[:, 2]
        error = in_tool_xy(self.target[:, :2] - now[:, :2], now[:, 3])
        shift = in_tool_xy(self.target[:, :2] - self.goal[:, :2], now[:, 3])
        turn = wrap(self.target[:, 3] - now[:, 3])
        twist = (jacobian @ sense.velocity_rad_s[..., None])[..., 0]
        aside = in_tool_xy(twist[:, :2], now[:, 3])
        wrench = sense.wrench - self.rest
        return np.column_stack(
            [
                height / 0.1, np.tanh(height / 0.01), error / 0.02, turn / 0.2, np.tanh(error / 0.003),
                self.looks > 0, np.minimum(self.look_age_s, 1.0) / 0.3, self.looks / 2.0, shift / 0.02,
                wrench[:, :3] / 20.0, self.smooth_n / 20.0, wrench[:, 3:], aside / 0.1, twist[:, 2] / 0.2,
                twist[:, 5] / 0.5, sense.opening_m / 0.04, (sense.opening_m - self.width_m) / 0.02,
                sense.grip_n / 40.0, sense.holding, *(self.phase == p for p in range(4)),
                np.minimum(self.in_phase_s, 2.0), self.elapsed_s / 4.0, self.width_m / 0.04,
                self.protrusion_m > 0, np.minimum(self.tries, 3), self.last,
            ]
        )  # fmt: skip

    def command(self, sense: ArmSense, action: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return joint targets (n, joints) [rad], their speeds [rad/s] and openings (n,) [m] for the coming period.

        action: (n, len(ACTIONS)) in -1..1; zeros are the classical law.
        """
        now = flat_pose(self.chain.tool(sense.position_rad))
        force = (sense.wrench - self.rest)[:, :3]
        self.smooth_n += min(1.0, step_s / self.tuning.smooth_s) * (force - self.smooth_n)
        self._change_phase(sense, now, force, action[:, 4], step_s)
        pinching = (self.phase == CLOSE) & (sense.opening_m < self.width_m + self.tuning.pinch_m)
        wanted = self._wanted(action, np.linalg.norm(force, axis=1), pinching)
        self._move(wanted, step_s)
        self.last[:] = action
        self.elapsed_s += step_s
        self.in_phase_s += step_s
        self.look_age_s += step_s
        before = self.position_rad
        self.position_rad = self.chain.follow(before, upright(self.at))
        return self.position_rad, (self.position_rad - before) / step_s, self.aim_m

    def _change_phase(
        self, sense: ArmSense, now: np.ndarray, force: np.ndarray, eager: np.ndarray, step_s: float
    ) -> None:
        tuning, phase = self.tuning, self.phase
        height = now[:, 2] - self.goal[:, 2]
        self.pressed_s = np.where(np.linalg.norm(force, axis=1) > tuning.touch_n, self.pressed_s + step_s, 0.0)
        pressed = self.pressed_s > 1.5 * step_s
        self.held_s = np.where(sense.holding & (phase != DESCEND), self.held_s + step_s, 0.0)
        self.empty_s = np.where(sense.holding | (phase != LIFT), 0.0, self.empty_s + step_s)
        aside = np.linalg.norm(self.target[:, :2] - now[:, :2], axis=1)
        low = height < tuning.close_m + tuning.early_m * np.maximum(eager, 0.0)
        close = (phase == DESCEND) & ((low & (aside < 2 * tuning.aside_m)) | (pressed & (height < 0.003)))
        blocked = (phase == DESCEND) & pressed & ~close & (height < 0.06)
        lift = (phase == CLOSE) & (self.held_s > tuning.held_s)
        missed = (phase == CLOSE) & ((sense.opening_m < 0.003) | (self.in_phase_s > tuning.grip_s)) & ~lift
        lost = (phase == LIFT) & (self.empty_s > tuning.slipped_s)
        ready = (phase == BACK_OFF) & (height > tuning.look_m - 0.004)
        ready &= sense.opening_m > self.width_m + 0.5 * tuning.clearance_m - 0.004
        again = blocked | missed | lost
        new = np.select([close, lift, again, ready], [CLOSE, LIFT, BACK_OFF, DESCEND], phase)
        self.tries += again
        self.looks[again] = 0.0
        self.in_phase_s[new != phase] = 0.0
        self.phase = new
        opened = np.minimum(self.width_m + tuning.clearance_m, 1.0)
        self.aim_m = np.where((new == CLOSE) | (new == LIFT), 0.0, opened)

    def _wanted(self, action: np.ndarray, force_n: np.ndarray, pinching: np.ndarray) -> np.ndarray:
        """Velocities (n, 4) that the law asks for, with what a policy adds.

        pinching: (n,) whether the pads are about to meet the part, which must not be pushed about then."""
        tuning, phase = self.tuning, self.phase
        offset = self.target - self.at
        offset[:, 3] = wrap(offset[:, 3])
        aside = np.linalg.norm(offset[:, :2], axis=1) + 0.02 * np.abs(offset[:, 3])
        unseen = (self.looks == 0) & self.relook & (self.in_phase_s < tuning.wait_s)
        funnel = tuning.funnel * np.maximum(aside - tuning.aside_m, 0.0)
        lowest = np.where(unseen, tuning.look_m, np.minimum(funnel, tuning.look_m))
        height = self.at[:, 2] - self.goal[:, 2]
        slow_m = np.where(self.looks > 0, tuning.slow_m, tuning.blind_slow_m)
        down = np.sqrt(tuning.touch_m_s**2 + 2 * tuning.brake_m_s2 * np.maximum(height - slow_m, 0.0))
        down = np.minimum(np.minimum(down, tuning.free_m_s), tuning.gain_1_s * np.maximum(height - lowest, 0.0))
        top = np.where(phase == LIFT, self.lift_m, tuning.look_m)
        up = np.minimum(tuning.lift_m_s, tuning.gain_1_s * np.maximum(top - height, 0.0))
        vertical = np.where(phase >= LIFT, up, -down)
        sideways = tuning.gain_1_s * offset[:, :2]
        size = np.linalg.norm(sideways, axis=1)
        sideways *= np.minimum(1.0, tuning.sideways_m_s / np.maximum(size, 1e-9))[:, None]
        sideways[phase != DESCEND] = 0.0
        turn = np.clip(tuning.gain_1_s * offset[:, 3], -tuning.turn_rad_s, tuning.turn_rad_s) * (phase == DESCEND)
        # Once the part is well up the policy has done its work.
        action = np.where(((phase == LIFT) & (height > tuning.lifted_m))[:, None], 0.0, action)
        more = action[:, :3] * tuning.residual_m_s
        wanted = np.column_stack([sideways, vertical, turn])
        wanted[:, :2] += in_tool_xy(more[:, :2], self.at[:, 3])  # a reflection: its own inverse
        wanted[:, 2] += more[:, 2]
        wanted[:, 3] += tuning.residual_rad_s * action[:, 3]
        # Nothing arrives faster than it can stop, and above the limit nothing may push on, whatever is asked for.
        room = np.maximum(height + tuning.deepest_m - np.where(phase == DESCEND, lowest, 0.0), 0.0)
        most = np.minimum(np.sqrt(2 * tuning.brake_m_s2 * room), tuning.touch_m_s + tuning.arrive_1_s * room)
        wanted[:, 2] = np.maximum(wanted[:, 2], -most * (room > 0))
        wanted[pinching] *= [0.0, 0.0, 1.0, 0.0]
        wanted[pinching, 2] = np.maximum(wanted[pinching, 2], 0.0)
        hard = (force_n > tuning.limit_n) & (phase <= CLOSE)
        wanted[hard, 2] = np.maximum(wanted[hard, 2], tuning.give_m_s)
        return wanted

    def _move(self, wanted: np.ndarray, step_s: float) -> None:
        self.speed = step_speed(self.speed, wanted, step_s)
        deepest = self.goal[:, 2] - self.tuning.deepest_m
        self.speed[:, 2] = np.maximum(self.speed[:, 2], (deepest - self.at[:, 2]) / step_s)
        highest = self.goal[:, 2] + np.maximum(self.lift_m, self.tuning.look_m)
        self.speed[:, 2] = np.minimum(self.speed[:, 2], np.maximum((highest - self.at[:, 2]) / step_s, 0.0))
        self.at += step_s * self.speed


def upright(pose: np.ndarray) -> np.ndarray:
    """Transforms (n, 4, 4) of tools that point straight down at x, y, z [m] with yaw [rad] of their x axis, (n, 4)."""
    c, s = np.cos(pose[:, 3]), np.sin(pose[:, 3])
    result = np.zeros((len(pose), 4, 4))
    result[:, 0, 0], result[:, 1, 0], result[:, 0, 1], result[:, 1, 1] = c, s, s, -c
    result[:, 2, 2], result[:, 3, 3] = -1.0, 1.0
    result[:, :3, 3] = pose[:, :3]
    return result


def flat_pose(tool: np.ndarray) -> np.ndarray:
    """x, y, z [m] and yaw [rad] (n, 4) of tools (n, 4, 4) that point down."""
    return np.column_stack([tool[:, :3, 3], np.arctan2(tool[:, 1, 0], tool[:, 0, 0])])


def in_tool_xy(vector: np.ndarray, yaw_rad: np.ndarray) -> np.ndarray:
    """Horizontal vectors (n, 2) of the cell frame along the x and y axes of tools that point down."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.column_stack([c * vector[:, 0] + s * vector[:, 1], s * vector[:, 0] - c * vector[:, 1]])


def step_speed(speed: np.ndarray, wanted: np.ndarray, step_s: float) -> np.ndarray:
    """Velocities (n, 4) after one period on the way to wanted ones, within what arms and gates follow."""
    slower = (np.abs(wanted) < np.abs(speed)) | (wanted * speed < 0)
    most = np.where(slower, _BRAKE, _ACCELERATION) * step_s
    return np.asarray(speed + np.clip(wanted - speed, -most, most))
