"""The safety gate in front of an arm: it runs in the driver's process and lets nothing through that breaks a limit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from luban.device import Arm
from luban.errors import CommandRejected
from luban.profile import ArmConfig
from luban.state import ArmCommand, ArmState

STALE_STATE_S = 0.1  # a controller box that still answers but whose stamp stands still is hung
STANDSTILL_RAD_S = 0.05
CATCH_UP_SHARE = 0.3  # of the speed limit, on top of the commanded speed, to make up for a lag: momentum overshoots
FEED_FORWARD_PERIODS = 2.5  # room for one late command


@dataclass
class GateCounters:
    """How often each rule acted since start; for diagnostics."""

    rejected: int = 0
    limited: int = 0
    silenced: int = 0
    latched: int = 0


@dataclass
class _Setpoint:
    """What the servo was last told: position [rad] and velocity [rad/s], (joints,) each."""

    position: np.ndarray
    velocity: np.ndarray


@dataclass
class ArmGate:
    """Wraps any Arm with the same `read` and `send`; `cycle` must be called at `config.rate_hz` beside the driver.

    A command is checked in `send` and followed in `cycle` within the limits of velocity, acceleration, joint range and
    workspace. When the deadline of the last command has passed the arm brakes and holds. `stop` latches: nothing moves
    until `reset`, and after a stop or a silence the first target must be the measured position.
    """

    arm: Arm
    config: ArmConfig
    counters: GateCounters = field(default_factory=GateCounters)
    reason: str = ""

    def __post_init__(self) -> None:
        self._model = self.config.arm_model()
        self._command: ArmCommand | None = None
        self._accepted_s = 0.0
        self._setpoint: _Setpoint | None = None
        self._state: ArmState | None = None
        self._seen_s: float | None = None
        self._over_force = 0
        limits = self.config.limits
        self._top_speed, self._acceleration = np.array(limits.velocity_rad_s), np.array(limits.acceleration_rad_s2)
        self._stop_acceleration = np.array(limits.stop_acceleration_rad_s2)
        self._box = (limits.workspace_x_m, limits.workspace_y_m, limits.workspace_z_m)

    @property
    def stopped(self) -> bool:
        """True while a stop is latched."""
        return bool(self.reason)

    def connect(self) -> None:
        self.arm.connect()

    def close(self) -> None:
        self.arm.close()

    def read(self) -> ArmState:
        return self.arm.read()

    def send(self, command: ArmCommand) -> ArmCommand:
        """Accept a command for the coming cycles; return it with joint limits applied.

        Raises:
            CommandRejected: wrong joints, a value that is not finite, expired, a latched stop, or a jump on resume.
        """
        try:
            self._refuse_faulty(command)
        except CommandRejected:
            self.counters.rejected += 1
            raise
        low, high = self._model.position_limit_rad.T
        position = np.clip(command.position_rad, low, high)
        accepted = ArmCommand(
            command.stamp_s, command.valid_until_s, command.joint_names, position, np.array(command.velocity_rad_s)
        )
        self._command, self._accepted_s = accepted, self.arm.read().stamp_s
        return accepted

    def cycle(self, now_s: float) -> None:
        """Move the setpoint by one period and send it. Call at `config.rate_hz` with the clock of the arm's states."""
        state = self.arm.read()
        self._watch(state, now_s)
        if self._setpoint is None:
            self._setpoint = _Setpoint(state.position_rad.copy(), np.zeros_like(state.position_rad))
        if self._command is not None and now_s > self._command.valid_until_s:
            self._command = None
            self.counters.silenced += 1
        period_s = 1.0 / self.config.rate_hz
        target = None if self.stopped else self._command
        following = self._brake(period_s) if target is None else self._follow(target, now_s, period_s)
        if self._leaves_workspace(following.position):
            tool = self._model.tool_position(following.position, self.config.tool_length_m)
            self.stop(f"the tool would leave the workspace at {np.round(tool, 3).tolist()} m")
            following = self._brake(period_s)
        self._setpoint = following
        self.arm.send(
            ArmCommand(now_s, now_s + 2 * period_s, self._model.joint_names, following.position, following.velocity)
        )

    def stop(self, reason: str = "stop requested") -> None:
        """Latch a stop: brake at the acceleration limit and hold until `reset`."""
        if not self.stopped:
            self.reason = reason
            self.counters.latched += 1
        self._command = None

    def reset(self) -> None:
        """Release a latched stop at standstill; the setpoint becomes the measured position.

        Raises:
            CommandRejected: the arm still moves.
        """
        state = self.arm.read()
        speed = float(np.abs(state.velocity_rad_s).max())
        if speed > STANDSTILL_RAD_S:
            raise CommandRejected(
                f"reset: arm at standstill required, it moves at {speed:.2f} rad/s; wait and reset again"
            )
        self.reason = ""
        self._over_force = 0
        self._command = None
        self._setpoint = _Setpoint(state.position_rad.copy(), np.zeros_like(state.position_rad))

    def _refuse_faulty(self, command: ArmCommand) -> None:
        names = self._model.joint_names
        if self.stopped:
            raise CommandRejected(f"arm command refused: stopped ({self.reason}); reset first")
        if tuple(command.joint_names) != names:
            raise CommandRejected(
                f"arm command refused: joints {list(names)} required, got {list(command.joint_names)}"
            )
        values = (command.position_rad, command.velocity_rad_s)
        if any(np.shape(value) != (len(names),) for value in values):
            raise CommandRejected(
                f"arm command refused: {len(names)} positions and velocities required, "
                f"got {[np.shape(value) for value in values]}"
            )
        times = (command.stamp_s, command.valid_until_s)
        if not (all(np.isfinite(value).all() for value in values) and np.isfinite(times).all()):
            raise CommandRejected("arm command refused: finite numbers required, got NaN or infinity; nothing moves")
        now_s = self.arm.read().stamp_s
        if command.valid_until_s < now_s:
            raise CommandRejected(f"arm command refused: it expired {now_s - command.valid_until_s:.3f} s ago")
        if command.valid_until_s > now_s + 2 * self.config.command_timeout_s:
            raise CommandRejected(
                f"arm command refused: valid for {command.valid_until_s - now_s:.3f} s, "
                f"at most {2 * self.config.command_timeout_s:.3f} s allowed"
            )
        if self._command is None:
            self._refuse_jump(command)

    def _refuse_jump(self, command: ArmCommand) -> None:
        """After a start, a stop or a silence the first target is where the arm is."""
        jump = float(np.abs(command.position_rad - self.arm.read().position_rad).max())
        if jump > self.config.limits.resume_rad:
            raise CommandRejected(
                f"arm command refused: the first target must be the measured position "
                f"(within {self.config.limits.resume_rad} rad), it is {jump:.3f} rad away; start from where the arm is"
            )

    def _watch(self, state: ArmState, now_s: float) -> None:
        """Latch a stop on a hung arm, a state that is not a number, or too much force."""
        if not (np.isfinite(state.position_rad).all() and np.isfinite(state.wrench).all()):
            self.stop("the arm reports positions or forces that are not numbers")
        if self._state is None or state.stamp_s != self._state.stamp_s:
            self._seen_s = now_s
        elif self._seen_s is not None and now_s - self._seen_s > STALE_STATE_S:
            self.stop(f"the arm's state stands still for {now_s - self._seen_s:.2f} s")
        self._state = state
        force = float(np.linalg.norm(state.wrench[:3]))
        self._over_force = self._over_force + 1 if force > self.config.limits.force_n else 0
        if self._over_force >= 2:  # one sample alone may be noise
            self.stop(f"contact force {force:.0f} N is above {self.config.limits.force_n:.0f} N")

    def _follow(self, command: ArmCommand, now_s: float, period_s: float) -> _Setpoint:
        """Approach the command within limits: feed-forward plus the fastest approach that can still brake in time."""
        assert self._setpoint is not None
        top_speed, acceleration = self._top_speed, self._acceleration
        error = command.position_rad - self._setpoint.position
        # Feed-forward belongs to the moment of its command: an older one must not carry the arm past its target.
        fresh = now_s - self._accepted_s <= FEED_FORWARD_PERIODS * period_s
        ahead = command.velocity_rad_s if fresh else np.zeros_like(error)
        beyond = error - ahead * period_s
        correction = np.minimum(np.abs(beyond) / period_s, np.sqrt(2.0 * acceleration * np.abs(beyond)))
        correction = np.minimum(correction, CATCH_UP_SHARE * top_speed)
        wanted = ahead + np.copysign(correction, beyond)
        velocity = np.clip(wanted, -top_speed, top_speed)
        velocity = self._ramp(velocity, period_s)
        if np.abs(velocity * period_s - error).max() > 1e-8:
            self.counters.limited += 1
        return _Setpoint(self._setpoint.position + velocity * period_s, velocity)

    def _brake(self, period_s: float) -> _Setpoint:
        assert self._setpoint is not None
        velocity = self._ramp(np.zeros_like(self._setpoint.velocity), period_s)
        return _Setpoint(self._setpoint.position + velocity * period_s, velocity)

    def _ramp(self, wanted: np.ndarray, period_s: float) -> np.ndarray:
        """Velocity after one period on the way to a wanted one: slowing down may be harder than speeding up."""
        assert self._setpoint is not None
        now = self._setpoint.velocity
        slower = np.abs(wanted) < np.abs(now)
        step = np.where(slower | (wanted * now < 0.0), self._stop_acceleration, self._acceleration) * period_s
        return np.asarray(now + np.clip(wanted - now, -step, step))

    def _outside_m(self, position_rad: np.ndarray) -> float:
        """How far the tool is outside the workspace [m]; 0 inside."""
        tool = self._model.tool_position(position_rad, self.config.tool_length_m)
        return max(0.0, *(max(low - at, at - high) for at, (low, high) in zip(tool, self._box, strict=True)))

    def _leaves_workspace(self, position_rad: np.ndarray) -> bool:
        """True when the tool is outside and goes farther out; the way back in stays open."""
        assert self._setpoint is not None
        outside_m = self._outside_m(position_rad)
        return not self.stopped and outside_m > 0.0 and outside_m > self._outside_m(self._setpoint.position) + 1e-9
