"""Pictures of the cell in every state that a planner may meet, with what is truly there: nothing is simulated."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from math import cos, pi, sin

import mujoco
import numpy as np

from luban.motion.chain import Chain
from luban.observation import CameraView
from luban.pose import Pose
from luban.profile import Profile
from luban.task import Scene, SceneAgv, ScenePart
from sim.agv import FREE_JOINT
from sim.camera import Cameras
from sim.cell import build_cell
from sim.housing import bore_pose
from sim.parts import COLORS, SHAPES, Grip, darker

COPIES = 3  # of each shape
APART_M = 0.06  # between two parts on the bench or in a box
AWAY_M = np.array([0.0, 0.0, -4.0])  # below the floor, where nothing is seen
CAMERA_M, CAMERA_RAD = 0.03, 0.035  # how far off its place the camera may stand
HOME_SHARE, HELD_SHARE, DOCKED_SHARE = 0.35, 0.3, 0.6
HIDES_M = 0.012  # what is nearer than a point by so much hides it


@dataclass(frozen=True)
class SeenThing:
    """A part in a picture. place: bench, gripper, or the name of a container or fixture. visible: share of its outline
    that nothing hides."""

    shape: str
    color: str
    position_m: tuple[float, float, float]
    place: str
    visible: float = 1.0


@dataclass(frozen=True, eq=False)
class Picture:
    """view: of the overview camera. containers: centre of each inner floor (3,) [m]; station: of the vehicle."""

    view: CameraView
    things: tuple[SeenThing, ...]
    containers: dict[str, np.ndarray]
    station: str


class PictureCell:
    """One compiled cell whose parts, colours, light, camera, arm and vehicle are set anew for every picture."""

    def __init__(self, profile: Profile, camera: str = "overview") -> None:
        self.profile, self.camera = profile, camera
        parts = [
            ScenePart(f"{shape}_{copy}", shape, "red", (0.40 + 0.08 * copy, -0.2 + 0.08 * row), 0.0)
            for row, shape in enumerate(SHAPES)
            for copy in range(COPIES)
        ]
        self._names = {part.id: part.shape for part in parts}
        self.model = build_cell(profile, Scene(0, tuple(parts), SceneAgv(profile.catalogue.loading_station)))
        self.data = mujoco.MjData(self.model)
        self._cameras = Cameras(self.model, {camera: profile.cameras[camera]})
        self._chain = Chain.of(profile.arm)
        self._joints = [self.model.joint(name).qposadr[0] for name in profile.arm.arm_model().joint_names]
        self._fingers = [self.model.joint(f"gripper/{side}").qposadr[0] for side in ("left", "right")]
        self._vehicle = self.model.joint(FREE_JOINT).qposadr[0]
        self._places = {name: self.model.joint(f"part/{name}").qposadr[0] for name in self._names}
        self._geoms = {name: self._looks_of(name) for name in self._names}
        self._camera = self.model.camera(camera).id
        self._plain = copy(self.model)  # as built
        own = [geom for geoms in self._geoms.values() for geom in geoms]
        self._furniture = np.setdiff1d(np.arange(self.model.ngeom), own)

    def _looks_of(self, name: str) -> list[int]:
        body = self.model.body(f"part/{name}").id
        geoms = range(self.model.body_geomadr[body], self.model.body_geomadr[body] + self.model.body_geomnum[body])
        return list(geoms)

    def draw(self, random: np.random.Generator) -> Picture:
        """Set up a state and return its picture."""
        data, profile = self.data, self.profile
        self._vary_looks(random)
        station = self._put_vehicle(random)
        tool = self._pose_arm(random)
        for place in self._places.values():
            data.qpos[place : place + 7] = [*AWAY_M, 1, 0, 0, 0]
        mujoco.mj_kinematics(self.model, data)
        containers = {
            name: data.site_xpos[self.model.site(f"container/{name}").id].copy()
            for name in profile.catalogue.containers
        }
        names = list(random.permutation(list(self._names)))
        things: list[tuple[SeenThing, np.ndarray]] = []
        gap_m = profile.gripper.stroke_m
        if random.random() < HELD_SHARE:
            name = names.pop()
            grips = SHAPES[self._names[name]].grips
            grip = grips[random.integers(len(grips))]
            gap_m = grip.width_m
            things.append(self._show(name, tool @ np.linalg.inv(_tool_in_part(grip)), "gripper", random))
        for finger in self._fingers:
            data.qpos[finger] = gap_m / 2
        shafts = [name for name in names if self._names[name] == "shaft"]
        for fixture in profile.catalogue.fixtures:
            if shafts and random.random() < 0.15:
                names.remove(name := shafts.pop())
                things.append(self._show(name, self._inserted(fixture, random), fixture, random))
        (x_low, x_high), (y_low, y_high) = profile.catalogue.parts_area.x_m, profile.catalogue.parts_area.y_m
        areas = [("bench", np.array([x_low, y_low]), np.array([x_high, y_high]), 0.0, int(random.integers(0, 10)))]
        for name, container in profile.catalogue.containers.items():
            if container.on == "agv" and station != profile.catalogue.loading_station:
                continue
            half = np.array(container.inner_size_m[:2]) / 2 - 0.035
            centre = containers[name]
            count = int(random.integers(1, 4)) if random.random() < 0.4 else 0
            areas.append((name, centre[:2] - half, centre[:2] + half, centre[2], count))
        for place, low, high, floor_m, count in areas:
            for at in _scattered(random, low, high, min(count, len(names))):
                name, yaw = names.pop(), random.uniform(-pi, pi)
                pose = np.eye(4)
                pose[:2, :2] = [[cos(yaw), -sin(yaw)], [sin(yaw), cos(yaw)]]
                pose[:3, 3] = [*at, floor_m + SHAPES[self._names[name]].rest_m]
                things.append(self._show(name, pose, place, random))
        mujoco.mj_kinematics(self.model, data)
        mujoco.mj_camlight(self.model, data)
        view = self._cameras.render(data, self.camera)
        seen = tuple(replace(thing, visible=_visible(view, outline)) for thing, outline in things)
        return Picture(view, seen, containers, station)

    def close(self) -> None:
        self._cameras.close()

    def _show(
        self, name: str, pose: np.ndarray, place: str, random: np.random.Generator
    ) -> tuple[SeenThing, np.ndarray]:
        """Put a part somewhere in a colour that it takes at random; return it and its outline (k, 3) [m]."""
        shape, color = self._names[name], str(random.choice(list(self.profile.catalogue.colors)))
        at, stands = self._places[name], Pose.from_matrix(pose)
        self.data.qpos[at : at + 7] = [*stands.position_m, *stands.quaternion_wxyz]
        shade = np.array(COLORS[color]) * random.uniform(0.85, 1.1) + random.uniform(-0.03, 0.03, 3)
        looks, detail = self._geoms[name][0], SHAPES[shape].details is not None
        self.model.geom_rgba[looks, :3] = np.clip(shade, 0.02, 1.0)
        if detail:
            self.model.geom_rgba[looks + 1, :3] = np.clip(darker(shade, color), 0.02, 1.0)
        at_m = tuple(float(value) for value in pose[:3, 3])
        return SeenThing(shape, color, at_m, place), SHAPES[shape].outline(stands)

    def _vary_looks(self, random: np.random.Generator) -> None:
        model, rows = self.model, self._furniture
        rgb = self._plain.geom_rgba[rows, :3] * random.uniform(0.8, 1.15) + random.uniform(-0.05, 0.05, (len(rows), 3))
        model.geom_rgba[rows, :3] = np.clip(rgb, 0, 1)
        model.light_dir[:] = self._plain.light_dir + random.uniform(-0.3, 0.3, model.light_dir.shape)
        model.light_diffuse[:] = np.clip(self._plain.light_diffuse * random.uniform(0.5, 1.4, (model.nlight, 1)), 0, 1)
        model.vis.headlight.ambient[:] = random.uniform(0.22, 0.45)
        model.cam_pos[self._camera] = self._plain.cam_pos[self._camera] + random.uniform(-CAMERA_M, CAMERA_M, 3)
        turn, quaternion = random.uniform(-CAMERA_RAD, CAMERA_RAD, 3), np.empty(4)
        mujoco.mju_axisAngle2Quat(quaternion, turn / np.linalg.norm(turn), np.linalg.norm(turn))
        mujoco.mju_mulQuat(model.cam_quat[self._camera], self._plain.cam_quat[self._camera], quaternion)

    def _put_vehicle(self, random: np.random.Generator) -> str:
        catalogue = self.profile.catalogue
        docked = random.random() < DOCKED_SHARE
        others = [name for name in catalogue.stations if name != catalogue.loading_station]
        station = catalogue.loading_station if docked else str(random.choice(others))
        at = catalogue.stations[station]
        x, y = np.array([at.x_m, at.y_m]) + random.uniform(-0.012, 0.012, 2)
        yaw = at.yaw_rad + random.uniform(-0.02, 0.02)
        self.data.qpos[self._vehicle : self._vehicle + 7] = [
            x, y, catalogue.floor_z_m, cos(yaw / 2), 0, 0, sin(yaw / 2),
        ]  # fmt: skip
        return station

    def _pose_arm(self, random: np.random.Generator) -> np.ndarray:
        """Pose the arm at home or with the tool above something; return the tool's pose (4, 4)."""
        home = np.array(self.profile.arm.home_rad)
        posture = home
        if random.random() > HOME_SHARE:
            yaw = random.uniform(-pi, pi)
            target = np.eye(4)
            target[:3, :3] = [[cos(yaw), sin(yaw), 0], [sin(yaw), -cos(yaw), 0], [0, 0, -1]]
            target[:3, 3] = [random.uniform(0.22, 0.62), random.uniform(-0.5, 0.5), random.uniform(0.08, 0.35)]
            found = self._chain.inverse(home[None], target[None], steps=60)
            if np.abs(self._chain.tool(found)[0] - target).max() < 0.01:
                posture = found[0]
        for joint, angle in zip(self._joints, posture, strict=True):
            self.data.qpos[joint] = angle
        return np.asarray(self._chain.tool(posture[None])[0])

    def _inserted(self, fixture: str, random: np.random.Generator) -> np.ndarray:
        """A shaft in a bore."""
        config, shaft = self.profile.catalogue.fixtures[fixture], np.eye(4)
        shaft[:3, :3] = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]  # the shaft's x along the bore's z
        depth_m = config.seated_depth_m + random.uniform(0.0, 0.012)
        shaft[2, 3] = depth_m - SHAPES["shaft"].half_m[0]
        return np.asarray(bore_pose(config).matrix() @ shaft)


def _tool_in_part(grip: Grip) -> np.ndarray:
    c, s = cos(grip.yaw_rad), sin(grip.yaw_rad)
    tool = np.eye(4)
    tool[:3, :3] = [[c, s, 0], [s, -c, 0], [0, 0, -1]]
    tool[:3, 3] = grip.offset_m
    return tool


def _scattered(random: np.random.Generator, low: np.ndarray, high: np.ndarray, count: int) -> list[np.ndarray]:
    """Up to count places (2,) that are APART_M from each other."""
    places: list[np.ndarray] = []
    for at in random.uniform(low, high, (20 * count, 2)):
        if len(places) < count and all(np.hypot(*(at - other)) >= APART_M for other in places):
            places.append(at)
    return places


def _visible(view: CameraView, outline_m: np.ndarray) -> float:
    """The share of points (k, 3) on a part's outline that the camera sees."""
    to_camera = np.linalg.inv(view.transform_camera_to_cell)
    points = outline_m @ to_camera[:3, :3].T + to_camera[:3, 3]
    pixel = np.round(points @ view.intrinsics.T / points[:, 2:]).astype(int)[:, :2]
    height, width = view.depth_m.shape
    inside = ((pixel >= 0) & (pixel < (width, height))).all(axis=1)
    u, v = pixel[inside].T
    top = points[:, 2] <= np.quantile(points[:, 2], 0.5)  # the lower side hides behind the part itself
    free = view.depth_m[v, u] > points[inside, 2] - HIDES_M
    return float((free & top[inside]).sum() / max(1, top.sum()))
