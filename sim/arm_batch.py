"""Many arms with grippers in one MuJoCo batch, each with its own servos, friction, delay and sensor errors."""

from __future__ import annotations

import mujoco
import numpy as np
from mujoco.batch import Batch

from luban.motion.sense import ArmSense
from luban.profile import Profile
from luban.randomization import ArmRandomization
from sim.arm import SERVOS
from sim.gripper import STIFFNESS_N_M, centre_of_mass_m
from sim.twin_arm import contact_wrench, wrist_sensors
from sim.twin_gripper import BLOCKED_M, LEAST_FORCE_N, STOPPED_M_S

SENT_TICKS = 3  # commands that are kept: the longest delay and now
NOISE_TICKS = 512  # sensor noise is drawn once per episode and repeats after this many ticks
_NOTHING_YET = mujoco.mjtStage.mjSTAGE_NONE  # of what follows from the state


class ArmBatch:
    """n copies of a model made by `arm_cell_spec`, ticked together at the arm's rate.

    Servos, gripper and sensors behave like TwinArm and TwinGripper, which a test holds; randomisation comes on top.
    Model fields of single copies are written through `batch.expand`.
    """

    def __init__(self, profile: Profile, model: mujoco.MjModel, count: int, threads: int = 1) -> None:
        self.profile, self.model, self.count = profile, model, count
        self.batch = Batch(model, count, threads)
        self.tick_s = 1.0 / profile.arm.rate_hz
        self._substeps = round(self.tick_s / model.opt.timestep)
        names = profile.arm.arm_model().joint_names
        self.joints = _neighbours([model.joint(name).qposadr[0] for name in names])
        self.dofs = _neighbours([model.joint(name).dofadr[0] for name in names])
        self._servo = _neighbours([model.actuator(name).id for name in names])
        self._setpoint = _neighbours([model.actuator(name).actadr[0] for name in names])
        self._fingers = _neighbours([model.joint(f"gripper/{side}").qposadr[0] for side in ("left", "right")])
        self._finger_dofs = _neighbours([model.joint(f"gripper/{side}").dofadr[0] for side in ("left", "right")])
        self._motor = model.actuator("gripper").id
        self._sensors = wrist_sensors(model)
        self._tool_mass_kg = float(model.body_subtreemass[model.body("gripper").id])
        self._lever_m = centre_of_mass_m(profile.arm.tool_length_m)
        self._lead_s = np.array([servo.damping / servo.stiffness for servo in SERVOS])
        bind = self.batch.bind
        self.qpos, self.qvel, self.act, self.ctrl = (bind(name) for name in ("qpos", "qvel", "act", "ctrl"))
        self._sensordata, self._motor_n = bind("sensordata"), bind("actuator_force")
        self._gain, self._bias = self.batch.expand("actuator_gainprm"), self.batch.expand("actuator_biasprm")
        self._damping = self.batch.expand("dof_damping")
        joints = len(names)
        self._wrench_bias = np.zeros((count, 6))
        self._wrench_noise = np.zeros((count, NOISE_TICKS, 6))
        self._joint_bias_rad = np.zeros((count, joints))
        self._delay = np.zeros(count, dtype=int)
        # What was commanded in the last ticks, position and velocity; `_latest` says which of them is the newest.
        self._sent, self._latest = np.zeros((SENT_TICKS, count, 2, joints)), 0
        self._opening_m = np.zeros(count)  # where the gripper's ramp is
        self._aim_m = np.zeros(count)
        self._ticks, self._rows = np.zeros(count, dtype=int), np.arange(count)
        self._sensed: ArmSense | None = None

    def place(self, slots: np.ndarray, position_rad: np.ndarray, opening_m: np.ndarray, aim_m: np.ndarray) -> None:
        """Put arms (k,) at rest at joint angles (k, joints), pads `opening_m` (k,) apart and driven to `aim_m` (k,).

        Everything else of these copies is as the model's defaults; write free bodies afterwards and call `settle`.
        """
        self.batch.reset(slots, stage=_NOTHING_YET)
        self.qpos[slots, self.joints] = self.act[slots, self._setpoint] = position_rad
        self.qpos[slots, self._fingers] = opening_m[:, None] / 2
        self._opening_m[slots], self._aim_m[slots] = opening_m, aim_m
        self._sent[:, slots, 0], self._sent[:, slots, 1] = position_rad, 0.0
        self._ticks[slots] = 0

    def randomize(self, slot: int, draw: np.random.Generator, ranges: ArmRandomization) -> None:
        """Draw servos, delay and sensor errors of one copy for the coming episode."""
        stiffness, damping = (draw.uniform(*ranges.servo_scale) for _ in range(2))
        self._gain[slot, self._servo, 0] = stiffness * self.model.actuator_gainprm[self._servo, 0]
        self._bias[slot, self._servo, 1] = stiffness * self.model.actuator_biasprm[self._servo, 1]
        self._bias[slot, self._servo, 2] = damping * self.model.actuator_biasprm[self._servo, 2]
        joints = self._joint_bias_rad.shape[1]
        scale = draw.uniform(*ranges.joint_damping_scale, joints)
        self._damping[slot, self.dofs] = scale * self.model.dof_damping[self.dofs]
        self._delay[slot] = draw.integers(0, ranges.delay_ticks + 1)
        spread = np.repeat([ranges.force_bias_n, ranges.torque_bias_nm], 3)
        self._wrench_bias[slot] = draw.uniform(-spread, spread)
        sigma = np.repeat([ranges.force_noise_n, ranges.torque_noise_nm], 3)
        self._wrench_noise[slot] = draw.normal(0.0, 1.0, (NOISE_TICKS, 6)) * sigma
        self._joint_bias_rad[slot] = draw.uniform(-1.0, 1.0, joints) * ranges.joint_bias_rad

    def settle(self, slots: np.ndarray) -> None:
        """Make measured quantities of changed copies current."""
        self.batch.forward(slots)
        self._sensed = None

    def hold(self, slots: np.ndarray, position_rad: np.ndarray, ticks: int) -> None:
        """Let copies (k,) come to rest at true joint angles (k, joints); the others stand still in time."""
        self.act[slots, self._setpoint], self.ctrl[slots, self._servo] = position_rad, 0.0
        self._sent[:, slots, 0] = position_rad + self._joint_bias_rad[slots]
        for _ in range(ticks):
            self._drive_gripper(slots)
            self.batch.step(slots, nstep=self._substeps)
        self._sensed = None

    def tick(self, position_rad: np.ndarray, velocity_rad_s: np.ndarray, aim_m: np.ndarray | None = None) -> None:
        """One period of the arm: joint targets (n, joints) with feed-forward, and a new aim (n,) of the grippers."""
        if aim_m is not None:
            self._aim_m = np.clip(aim_m, 0.0, self.profile.gripper.stroke_m)
        self._latest = (self._latest + 1) % SENT_TICKS
        self._sent[self._latest, :, 0], self._sent[self._latest, :, 1] = position_rad, velocity_rad_s
        late = self._sent[self._latest - self._delay, self._rows]  # counts from the end where it is negative
        position_rad, velocity_rad_s = late[:, 0], late[:, 1]
        # The servos follow the same encoders that are read, with the same error.
        self.act[:, self._setpoint] = position_rad - self._joint_bias_rad + velocity_rad_s * self._lead_s
        self.ctrl[:, self._servo] = velocity_rad_s
        self._drive_gripper(slice(None))
        self.batch.step(nstep=self._substeps)
        self._ticks += 1
        self._sensed = None

    def sense(self) -> ArmSense:
        """What the robots measure now, with their sensor errors."""
        if self._sensed is None:
            wrench = contact_wrench(self._sensordata, self._sensors, self._tool_mass_kg, self._lever_m)
            noise = self._wrench_noise[self._rows, self._ticks % NOISE_TICKS]
            opening_m = self.opening_m()
            grip_n = np.maximum(0.0, -self._motor_n[:, self._motor] / 2)
            left_m_s, right_m_s = self.qvel[:, self._finger_dofs].T
            still = np.abs(left_m_s + right_m_s) < STOPPED_M_S
            holding = (opening_m - self._aim_m > BLOCKED_M) & still & (grip_n > LEAST_FORCE_N - 1.0)
            position_rad, velocity_rad_s = self.qpos[:, self.joints] + self._joint_bias_rad, self.qvel[:, self.dofs]
            wrench += self._wrench_bias
            wrench += noise
            self._sensed = ArmSense(position_rad, velocity_rad_s.copy(), wrench, opening_m, grip_n, holding)
        return self._sensed

    def true_position_rad(self) -> np.ndarray:
        """Joint angles (n, joints) without the encoders' error."""
        return np.asarray(self.qpos[:, self.joints].copy())

    def true_wrench(self) -> np.ndarray:
        """Contact wrench (n, 6) without sensor errors."""
        return contact_wrench(self._sensordata, self._sensors, self._tool_mass_kg, self._lever_m)

    def opening_m(self) -> np.ndarray:
        left_m, right_m = self.qpos[:, self._fingers].T
        return np.asarray(left_m + right_m)

    def _drive_gripper(self, slots: np.ndarray | slice) -> None:
        gripper = self.profile.gripper
        step, most_m = gripper.speed_m_s * self.tick_s, 2 * gripper.force_n / STIFFNESS_N_M
        opening_m, finger_m = self._opening_m[slots], self.qpos[slots, self._fingers.start]
        opening_m = opening_m + _clipped(self._aim_m[slots] - opening_m, -step, step)
        self._opening_m[slots] = opening_m
        self.ctrl[slots, self._motor] = _clipped(opening_m / 2, finger_m - most_m, finger_m + most_m)


def _clipped(value: np.ndarray, least: np.ndarray | float, most: np.ndarray | float) -> np.ndarray:
    """As NumPy's clip, which takes several times as long for so few."""
    return np.asarray(np.minimum(np.maximum(value, least), most))


def _neighbours(addresses: list[int]) -> slice:
    """Neighbouring addresses in a model as a slice, which reads and writes a batch many times quicker than a list."""
    first = int(addresses[0])
    assert addresses == list(range(first, first + len(addresses))), addresses
    return slice(first, first + len(addresses))
