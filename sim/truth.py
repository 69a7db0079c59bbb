"""What is really the case in the cell: only tests, judges, the expert and data generation may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, hypot

import mujoco
import numpy as np

from luban.catalogue import Catalogue
from luban.pose import Pose
from luban.profile import Profile
from luban.scene_view import SceneView, SeenPart
from luban.state import BaseState
from luban.task import Scene
from luban.vehicle import station_of
from sim import containers, housing
from sim.agv import BODY, FREE_JOINT
from sim.judge import container_of, fixture_of


@dataclass(frozen=True, eq=False)
class PartTruth:
    """pose: in the cell frame; container, fixture: where the part lies, None elsewhere and while it is held."""

    id: str
    shape: str
    color: str
    pose: Pose
    container: str | None
    fixture: str | None
    held: bool


@dataclass(frozen=True, eq=False)
class Truth:
    """containers: pose of each inner floor's centre, z up; fixtures: frame of each bore, origin at its mouth, z along
    the insertion; agv: true pose and velocities of the vehicle; tool: frame between the pads. All in the cell frame."""

    stamp_s: float
    parts: Mapping[str, PartTruth]
    containers: Mapping[str, Pose]
    fixtures: Mapping[str, Pose]
    agv: BaseState
    agv_station: str | None
    held: str | None
    tool: Pose

    def view(self) -> SceneView:
        """Return what the resolver of instructions needs, as a detector would see it."""
        parts = (
            SeenPart(part.id, part.shape, part.color, part.pose.position_m, part.container, part.fixture)
            for part in self.parts.values()
        )
        places = {name: pose.position_m for name, pose in (*self.containers.items(), *self.fixtures.items())}
        return SceneView(tuple(parts), places)


class TruthReader:
    """Reads truth out of a model's state."""

    def __init__(self, model: mujoco.MjModel, profile: Profile, scene: Scene) -> None:
        self._catalogue: Catalogue = profile.catalogue
        self._scene = scene
        self._bodies = {part.id: model.body(f"part/{part.id}").id for part in scene.parts}
        self._part_of_body = {body: part for part, body in self._bodies.items()}
        self._containers = {name: model.site(containers.site_of(name)).id for name in profile.catalogue.containers}
        self._fixtures = {name: model.site(housing.site_of(name)).id for name in profile.catalogue.fixtures}
        self._tool = model.site("tool").id
        self._agv, self._agv_dof = model.body(BODY).id, int(model.joint(FREE_JOINT).dofadr[0])
        self._pads = tuple(model.geom(f"gripper/{side}_pad").id for side in ("left", "right"))

    def read(self, model: mujoco.MjModel, data: mujoco.MjData) -> Truth:
        """Return the truth of `data`, whose body poses must be up to date."""
        held = self._held(model, data)
        container_poses = {name: _site_pose(data, site) for name, site in self._containers.items()}
        fixture_poses = {name: _site_pose(data, site) for name, site in self._fixtures.items()}
        agv = self._base(data)
        parts = {}
        for part in self._scene.parts:
            body = self._bodies[part.id]
            pose = Pose(data.xpos[body].copy(), data.xquat[body].copy())
            free = part.id != held
            container = container_of(pose, container_poses, self._catalogue) if free else None
            fixture = fixture_of(pose, part.shape, fixture_poses, self._catalogue) if free else None
            parts[part.id] = PartTruth(part.id, part.shape, part.color, pose, container, fixture, not free)
        station = station_of(agv, self._catalogue)
        tool = _site_pose(data, self._tool)
        return Truth(float(data.time), parts, container_poses, fixture_poses, agv, station, held, tool)

    def _held(self, model: mujoco.MjModel, data: mujoco.MjData) -> str | None:
        """The part that both pads touch, or None."""
        touched: list[set[int]] = [set(), set()]
        pairs = data.contact.geom[: data.ncon]
        for index, pad in enumerate(self._pads):
            for a, b in pairs[np.any(pairs == pad, axis=1)]:
                touched[index].add(int(model.geom_bodyid[b if a == pad else a]))
        both = sorted(body for body in touched[0] & touched[1] if body in self._part_of_body)
        return self._part_of_body[both[0]] if both else None

    def _base(self, data: mujoco.MjData) -> BaseState:
        rotation, velocity = data.xmat[self._agv].reshape(3, 3), data.qvel[self._agv_dof : self._agv_dof + 6]
        yaw = atan2(rotation[1, 0], rotation[0, 0])
        x, y, _ = data.xpos[self._agv]
        linear = hypot(float(velocity[0]), float(velocity[1]))
        forward = float(rotation[:, 0] @ velocity[:3])
        linear = -linear if forward < 0 else linear
        return BaseState(float(data.time), float(x), float(y), yaw, linear, float(velocity[5]))


def _site_pose(data: mujoco.MjData, site: int) -> Pose:
    transform = np.eye(4)
    transform[:3, :3] = data.site_xmat[site].reshape(3, 3)
    transform[:3, 3] = data.site_xpos[site]
    return Pose.from_matrix(transform)
