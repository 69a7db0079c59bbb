"""The simulated cell: physics, raw devices, cameras and truth behind one small interface."""

from __future__ import annotations

import mujoco
import numpy as np

from luban.errors import LubanError
from luban.observation import CameraView
from luban.profile import Profile
from luban.task import Predicate, Scene
from sim import judge
from sim.camera import Cameras, Viewpoint
from sim.cell import build_cell
from sim.truth import Truth, TruthReader
from sim.twin_arm import TwinArm
from sim.twin_base import TwinBase
from sim.twin_gripper import TwinGripper

SETTLE_S = 1.0
UPDATE_EVERY = 4  # physics steps (8 ms) between two updates of the devices' own electronics
_STATE = mujoco.mjtState.mjSTATE_INTEGRATION


class World:
    """A cell with a scene, deterministic for the scene's seed: parts settled on the bench, arm at home.

    The devices are raw: limits, deadlines and the latched stop live in the gates that wrap them.
    """

    def __init__(self, profile: Profile, scene: Scene, start_s: float = 0.0, people: int = 0) -> None:
        """start_s: where the clock begins [s]; people: how many may walk (sim.people.CellPeople).

        Raises SkillError when the scene does not fit the cell.
        """
        self.profile, self.scene = profile, scene
        self.model = build_cell(profile, scene, people)
        self.data = mujoco.MjData(self.model)
        names = profile.arm.arm_model().joint_names
        for name, angle in zip(names, profile.arm.home_rad, strict=True):
            self.data.qpos[self.model.joint(name).qposadr[0]] = angle
        for side in ("left", "right"):
            self.data.qpos[self.model.joint(f"gripper/{side}").qposadr[0]] = profile.gripper.stroke_m / 2
        self._reader = TruthReader(self.model, profile, scene)
        self._cameras = Cameras(self.model, profile.cameras)
        self._steps = 0
        self._settle(start_s)
        self.arm = TwinArm(self.model, self.data, profile.arm)
        self.gripper = TwinGripper(self.model, self.data, profile.gripper)
        self.base = TwinBase(self.model, self.data, profile, scene.seed)
        for device in (self.arm, self.gripper, self.base):
            device.connect()

    @property
    def time_s(self) -> float:
        return float(self.data.time)

    def step(self, seconds: float) -> None:
        """Advance by a whole number of physics steps. Raises LubanError for less than one."""
        steps = round(seconds / self.profile.physics_step_s)
        if steps < 1:
            raise LubanError(f"cannot step by {seconds} s: at least {self.profile.physics_step_s} s is required")
        while steps > 0:
            count = min(steps, UPDATE_EVERY - self._steps % UPDATE_EVERY)
            self.arm.advance()
            self.gripper.advance(count)
            if self._steps % UPDATE_EVERY == 0:
                self.base.advance()
            mujoco.mj_step(self.model, self.data, count)
            self._steps += count
            steps -= count

    def render(self, camera: str) -> CameraView:
        """Return colour, depth and calibration of a camera, now. Raises MissingComponent without OpenGL."""
        self._refresh()
        return self._cameras.render(self.data, camera)

    def picture(
        self, width_px: int = 1280, height_px: int = 720, view: Viewpoint | None = None, fine: bool = True
    ) -> np.ndarray:
        """Return a picture for people (height, width, 3) uint8; fine: with shadows. MissingComponent: no OpenGL."""
        self._refresh()
        return self._cameras.picture(self.data, view or Viewpoint(), width_px, height_px, fine)

    def truth(self) -> Truth:
        self._refresh()
        return self._reader.read(self.model, self.data)

    def holds(self, predicate: Predicate) -> bool:
        """Whether a goal predicate holds now. Raises LubanError for a name that the cell does not have."""
        return judge.holds(self.truth(), predicate)

    def state(self) -> np.ndarray:
        """Return the full state of the physics (n,), to be given to `mirror` of a World of the same scene."""
        state = np.empty(mujoco.mj_stateSize(self.model, _STATE))
        mujoco.mj_getState(self.model, self.data, state, _STATE)
        return state

    def mirror(self, state: np.ndarray) -> None:
        """Take over the state of another World of the same scene, for rendering or planning from it.

        Raises LubanError when it has another size. The devices then hold where they are.
        """
        size = mujoco.mj_stateSize(self.model, _STATE)
        if np.shape(state) != (size,):
            raise LubanError(f"cannot mirror a state of shape {np.shape(state)}: this scene has ({size},)")
        mujoco.mj_setState(self.model, self.data, np.asarray(state, dtype=np.float64), _STATE)
        mujoco.mj_forward(self.model, self.data)
        self.arm.hold()
        self.gripper.hold()

    def close(self) -> None:
        """Give back what the cameras hold. May be called again."""
        self._cameras.close()

    def _settle(self, start_s: float) -> None:
        """Let everything come to rest, arm and gripper held where they are; the clock starts afterwards."""
        data = self.data
        for name, angle in zip(self.profile.arm.arm_model().joint_names, self.profile.arm.home_rad, strict=True):
            data.act[self.model.actuator(name).actadr[0]] = angle
        data.ctrl[self.model.actuator("gripper").id] = self.profile.gripper.stroke_m / 2
        mujoco.mj_step(self.model, data, round(SETTLE_S / self.profile.physics_step_s))
        data.time = start_s
        mujoco.mj_forward(self.model, data)

    def _refresh(self) -> None:
        """Bring body poses up to the current joint positions without touching the dynamics."""
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
