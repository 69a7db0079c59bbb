"""Put held parts down from above: guarded descent, let go, retreat; and what a policy may add.

The surface is felt, not believed: the descent ends with the force of the touch, wherever that is. A policy
adds bounded velocities and moves the instant of letting go (residual reinforcement learning: Johannink et al. 2019),
so that a silent policy is the classical law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain, wrap
from luban.motion.picking import flat_pose, in_tool_xy, step_speed, upright
from luban.motion.sense import ArmSense

LOWER, OPEN, RETREAT = 0, 1, 2
OBSERVATIONS = (
    "height", "height_fine", "error_x", "error_y", "error_yaw", "force_x", "force_y", "force_z", "smooth_force_x",
    "smooth_force_y", "smooth_force_z", "torque_x", "torque_y", "torque_z", "speed_x", "speed_y", "speed_z",
    "speed_yaw", "opening", "opened", "grip_force", "holding", "lowering", "opening_phase", "retreating", "in_phase",
    "elapsed", "touched", "last_x", "last_y", "last_z", "last_yaw", "last_release",
)  # fmt: skip
ACTIONS = ("x", "y", "z", "yaw", "release")


@dataclass(frozen=True)
class PlaceTuning:
    """How fast and how careful. Ways [m], forces [N], times [s]."""

    free_m_s: float = 0.40
    touch_m_s: float = 0.017  # where the surface may be
    slow_m: float = 0.008  # above the goal: from here on no faster than that
    brake_m_s2: float = 2.5
    deepest_m: float = 0.025  # below the goal: the surface is not there
    lift_m_s: float = 0.5
    sideways_m_s: float = 0.25
    turn_rad_s: float = 1.5
    gain_1_s: float = 8.0
    touch_n: float = 5.0
    limit_n: float = 10.0  # above this nothing may push on
    give_m_s: float = 0.02
    release_m: float = 0.030  # how much further than the grip the pads open
    free_m: float = 0.012  # how much is enough to leave
    stuck_s: float = 2.0  # longest wait for that
    early_m: float = 0.008  # above the goal: how much earlier a policy may let go
    smooth_s: float = 0.04
    residual_m_s: tuple[float, float, float] = (0.02, 0.02, 0.06)
    residual_rad_s: float = 0.3


class PlaceLaw:
    """State of n placements. Call `begin` for the rows that start, then every period `observe` (if a policy is asked)
    and `command`. The tool points straight down; poses are (n, 4): x, y, z [m], yaw [rad].
    """

    def __init__(self, chain: Chain, count: int, tuning: PlaceTuning | None = None) -> None:
        self.chain, self.count, self.tuning = chain, count, tuning or PlaceTuning()
        self.goal, self.at, self.speed = (np.zeros((count, 4)) for _ in range(3))
        self.position_rad = np.zeros((count, len(chain.arm.joint_names)))  # the command
        self.phase = np.zeros(count, dtype=int)
        self.lift_m, self.elapsed_s, self.in_phase_s, self.pressed_s, self.aim_m, self.grip_m = (
            np.zeros(count) for _ in range(6)
        )
        self.touched = np.zeros(count, dtype=bool)
        self.rest = np.zeros((count, 6))
        self.smooth_n, self.last = np.zeros((count, 3)), np.zeros((count, len(ACTIONS)))

    def begin(self, rows: np.ndarray, sense: ArmSense, goal: np.ndarray, lift_m: np.ndarray | float) -> None:
        """Start rows (k,) from where they are, above goals (k, 4) for the tool, to leave to lift_m above them.

        sense: of all n.
        """
        tool = self.chain.tool(sense.position_rad[rows])
        self.goal[rows] = goal
        self.at[rows] = flat_pose(tool)
        self.at[rows, 3] = goal[:, 3] + wrap(self.at[rows, 3] - goal[:, 3])
        self.position_rad[rows] = sense.position_rad[rows]
        self.rest[rows] = sense.wrench[rows]
        self.grip_m[rows], self.lift_m[rows] = sense.opening_m[rows], lift_m
        self.touched[rows], self.phase[rows] = False, LOWER
        for values in (self.speed, self.smooth_n, self.last):
            values[rows] = 0.0
        for clock in (self.elapsed_s, self.in_phase_s, self.pressed_s, self.aim_m):
            clock[rows] = 0.0

    @property
    def done(self) -> np.ndarray:
        """Whether (n,) the part was let go and the tool is up again."""
        return np.asarray((self.phase == RETREAT) & (self.at[:, 2] > self.goal[:, 2] + self.lift_m - 0.001))

    @property
    def failed(self) -> np.ndarray:
        """Whether (n,) there was no surface within reach, or the pads do not open."""
        lowest = (self.phase == LOWER) & (self.at[:, 2] < self.goal[:, 2] - self.tuning.deepest_m + 0.0005)
        return np.asarray(lowest | ((self.phase == OPEN) & (self.in_phase_s > self.tuning.stuck_s)))

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, len(OBSERVATIONS)), each about one in size."""
        tool, jacobian = self.chain.tool_and_jacobian(sense.position_rad)
        now = flat_pose(tool)
        height = now[:, 2] - self.goal[:, 2]
        error = in_tool_xy(self.goal[:, :2] - now[:, :2], now[:, 3])
        twist = (jacobian @ sense.velocity_rad_s[..., None])[..., 0]
        aside = in_tool_xy(twist[:, :2], now[:, 3])
        wrench = sense.wrench - self.rest
        return np.column_stack(
            [
                height / 0.1, np.tanh(height / 0.01), error / 0.005, wrap(self.goal[:, 3] - now[:, 3]) / 0.05,
                wrench[:, :3] / 20.0, self.smooth_n / 20.0, wrench[:, 3:], aside / 0.1, twist[:, 2] / 0.2,
                twist[:, 5] / 0.5, sense.opening_m / 0.04, (sense.opening_m - self.grip_m) / 0.02,
                sense.grip_n / 40.0, sense.holding, *(self.phase == p for p in range(3)),
                np.minimum(self.in_phase_s, 2.0), self.elapsed_s / 2.0, self.touched, self.last,
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
        wanted = self._wanted(action, np.linalg.norm(force, axis=1))
        self._move(wanted, step_s)
        self.last[:] = action
        self.elapsed_s += step_s
        self.in_phase_s += step_s
        before = self.position_rad
        self.position_rad = self.chain.follow(before, upright(self.at))
        return self.position_rad, (self.position_rad - before) / step_s, self.aim_m

    def _change_phase(
        self, sense: ArmSense, now: np.ndarray, force: np.ndarray, eager: np.ndarray, step_s: float
    ) -> None:
        tuning, phase = self.tuning, self.phase
        # The surface pushes against the approach: along the tool's own -z.
        touching = (-force[:, 2] > tuning.touch_n) | (np.linalg.norm(force, axis=1) > tuning.limit_n)
        self.pressed_s = np.where(touching & (phase == LOWER), self.pressed_s + step_s, 0.0)
        touched = self.pressed_s > 0.5 * step_s
        early = now[:, 2] - self.goal[:, 2] < tuning.early_m * (2.0 * eager - 1.0)
        let_go = (phase == LOWER) & (touched | (early & (eager > 0.0)))
        away = (phase == OPEN) & (sense.opening_m > self.grip_m + tuning.free_m)
        self.touched |= touched
        self.in_phase_s[let_go | away] = 0.0
        self.phase = np.select([let_go, away], [OPEN, RETREAT], phase)
        self.aim_m = np.where(self.phase == LOWER, 0.0, self.grip_m + tuning.release_m)

    def _wanted(self, action: np.ndarray, force_n: np.ndarray) -> np.ndarray:
        """Velocities (n, 4) that the law asks for, with what a policy adds."""
        tuning, phase = self.tuning, self.phase
        offset = self.goal - self.at
        offset[:, 3] = wrap(offset[:, 3])
        height = -offset[:, 2]
        down = np.sqrt(tuning.touch_m_s**2 + 2 * tuning.brake_m_s2 * np.maximum(height - tuning.slow_m, 0.0))
        up = np.minimum(tuning.lift_m_s, tuning.gain_1_s * np.maximum(self.lift_m - height, 0.0))
        vertical = np.select([phase == LOWER, phase == RETREAT], [-np.minimum(down, tuning.free_m_s), up], 0.0)
        sideways = tuning.gain_1_s * offset[:, :2]
        size = np.linalg.norm(sideways, axis=1)
        sideways *= np.minimum(1.0, tuning.sideways_m_s / np.maximum(size, 1e-9))[:, None]
        lowering = (phase == LOWER)[:, None]
        turn = np.clip(tuning.gain_1_s * offset[:, 3], -tuning.turn_rad_s, tuning.turn_rad_s)
        wanted = np.column_stack([sideways * lowering, vertical, turn * lowering[:, 0]])
        more = action[:, :3] * tuning.residual_m_s
        wanted[:, :2] += in_tool_xy(more[:, :2], self.at[:, 3])  # a reflection: its own inverse
        wanted[:, 2] += more[:, 2]
        wanted[:, 3] += tuning.residual_rad_s * action[:, 3]
        # While the pads open nothing may push down or drag the part along; above the limit, nothing ever.
        opening = phase == OPEN
        wanted[opening] *= [0.0, 0.0, 1.0, 0.0]
        wanted[opening, 2] = np.clip(wanted[opening, 2], 0.0, tuning.give_m_s)
        hard = (force_n > tuning.limit_n) & (phase != RETREAT)
        wanted[hard, 2] = np.maximum(wanted[hard, 2], tuning.give_m_s)
        return wanted

    def _move(self, wanted: np.ndarray, step_s: float) -> None:
        self.speed = step_speed(self.speed, wanted, step_s)
        lowest = self.goal[:, 2] - self.tuning.deepest_m
        highest = np.maximum(self.goal[:, 2] + self.lift_m, self.at[:, 2])
        self.speed[:, 2] = np.clip(
            self.speed[:, 2], (lowest - self.at[:, 2]) / step_s, (highest - self.at[:, 2]) / step_s
        )
        self.at += step_s * self.speed
