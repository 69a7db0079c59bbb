"""Perception that knows the truth: grounds image points in the simulator's geometry, for data, tests and baselines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from luban.errors import SkillError, unknown
from luban.free_spot import free_spot
from luban.observation import Observation
from luban.pose import Pose
from luban.profile import Profile
from luban.skill import SkillGoal
from luban.step import ImagePoint, Skill, Step
from sim.grip_choice import choose_grip, choose_release, tool_pose, yaw_of
from sim.gripper import PAD_TIP_M, PALM_FACE_M
from sim.parts import shape_of
from sim.truth import PartTruth, Truth

NEAR_PART_M = 0.03  # how far from a part's centre the ray may pass
NEAR_FIXTURE_M = 0.08
DROP_M = 0.006  # between the held part and what it is let go on
INSERT_MARGIN_M = 0.009  # deeper than what counts as seated: a chamfer may push the shaft back between the pads
WALL_SPACING_M = 0.005
Ray = tuple[np.ndarray, np.ndarray]


class TruthPerception:
    """Perception over a truth that is read anew at every call."""

    def __init__(self, truth: Callable[[], Truth], profile: Profile) -> None:
        self._truth, self._profile = truth, profile

    def locate(self, observation: Observation, step: Step) -> SkillGoal:
        """Ground a step. Raises SkillError when nothing graspable or usable lies at its image point."""
        if not step.skill.moves_arm:
            return SkillGoal(step.skill, station=step.station, label=step.label)
        assert step.point is not None  # Step promises it
        ray, truth = self._ray(observation, step.point), self._truth()
        locate = {Skill.PICK: self._pick, Skill.PLACE: self._place, Skill.INSERT: self._insert}[step.skill]
        return locate(truth, ray, step.point, step.label)

    def free_spot(self, container_name: str) -> np.ndarray:
        """Return a free point (3,) of a container's floor, cell frame. Raises SkillError for an unknown container."""
        truth, containers = self._truth(), self._profile.catalogue.containers
        if container_name not in containers:
            raise SkillError(unknown("container", container_name, containers))
        lying = [part.pose.position_m for part in truth.parts.values() if part.container == container_name]
        frame = truth.containers[container_name].matrix()
        return free_spot(frame, containers[container_name].inner_size_m, lying)

    def _ray(self, observation: Observation, point: ImagePoint) -> Ray:
        if point.camera not in observation.views:
            raise SkillError(unknown("camera", point.camera, observation.views))
        view = observation.views[point.camera]
        if not view.contains(point):
            height, width = view.color.shape[:2]
            raise SkillError(f"image point {_pixel(point)} lies outside the {width}x{height} image of {point.camera!r}")
        return view.ray(point)

    def _pick(self, truth: Truth, ray: Ray, point: ImagePoint, label: str) -> SkillGoal:
        free = [part for part in truth.parts.values() if not part.held]
        if not free:
            raise SkillError(f"nothing to grip at pixel {_pixel(point)}: no part lies in the cell")
        part = min(free, key=lambda candidate: _distance(ray, candidate.pose.position_m))
        distance = _distance(ray, part.pose.position_m)
        if distance > NEAR_PART_M:
            raise SkillError(
                f"nothing to grip at pixel {_pixel(point)}: the nearest part lies {distance * 1000:.0f} mm away, "
                f"at most {NEAR_PART_M * 1000:.0f} mm is accepted"
            )
        shape = shape_of(part.shape)
        obstacles = self._obstacles(truth, part)
        choice = choose_grip(shape, part.pose, obstacles, yaw_of(truth.tool), self._profile.gripper.stroke_m)
        if choice is None:
            raise SkillError(f"cannot grip the {part.color} {part.shape} as it lies: wider than the gripper's stroke")
        pose, width, clearance = choice
        if clearance <= 0.0:
            raise SkillError(f"cannot grip the {part.color} {part.shape}: its neighbours leave no room for the fingers")
        ahead = self._protrusion(part, pose)
        return SkillGoal(
            Skill.PICK, pose, width_m=width, protrusion_m=ahead, label=label or f"{part.color} {part.shape}"
        )

    def _place(self, truth: Truth, ray: Ray, point: ImagePoint, label: str) -> SkillGoal:
        held = self._held(truth, "place")
        name = self._container_at(truth, ray)
        if name is None:
            raise SkillError(f"no container to place into at pixel {_pixel(point)}")
        container, frame = self._profile.catalogue.containers[name], truth.containers[name].matrix()
        spot = (_meets(ray, frame[:3, 3]) - frame[:3, 3]) @ frame[:3, :3]
        in_tool = self._in_tool(truth, held)
        below = max(float(in_tool[:, 2].max()), PAD_TIP_M)
        palm_m = below + DROP_M + self._profile.arm.tool_length_m - PALM_FACE_M  # above the floor
        box_yaw = yaw_of(truth.containers[name])
        choice = choose_release(
            spot[:2], np.array(container.inner_size_m[:2]) / 2, in_tool, palm_m < container.inner_size_m[2],
            yaw_of(truth.tool) - box_yaw, self._profile.gripper.stroke_m,
        )  # fmt: skip
        if choice is None:
            raise SkillError(f"the gripper with the {held.color} {held.shape} does not fit into {name!r}")
        target, yaw = choice
        position = frame[:3, 3] + frame[:3, :3] @ np.array([*target, 0.0])
        position[2] = self._top_at(truth, name, position, in_tool) + below + DROP_M
        return SkillGoal(Skill.PLACE, tool_pose(position, yaw + box_yaw), label=label or name)

    def _insert(self, truth: Truth, ray: Ray, point: ImagePoint, label: str) -> SkillGoal:
        """The bore's frame, shifted sideways by how far off the tool's axis the shaft is held."""
        held = self._held(truth, "insert")
        if held.shape != "shaft":
            raise SkillError(f"only a shaft can be inserted, the gripper holds the {held.color} {held.shape}")
        fixtures = self._profile.catalogue.fixtures
        name = min(truth.fixtures, key=lambda n: _distance(ray, _middle(truth.fixtures[n], fixtures[n].bore_depth_m)))
        distance = _distance(ray, _middle(truth.fixtures[name], fixtures[name].bore_depth_m))
        if distance > NEAR_FIXTURE_M:
            raise SkillError(
                f"nothing to insert into at pixel {_pixel(point)}: {name!r} is {distance * 1000:.0f} mm off"
            )
        bore = truth.fixtures[name].matrix()
        lead = self._leading_end(held, truth.tool)
        along, down = bore[:3, 2], np.array([0.0, 0.0, -1.0])
        shifted = bore.copy()
        shifted[:3, 3] -= np.cross(down, along) * lead[1] + down * lead[2]
        depth = min(fixtures[name].seated_depth_m + INSERT_MARGIN_M, fixtures[name].bore_depth_m)
        return SkillGoal(
            Skill.INSERT, Pose.from_matrix(shifted), width_m=2 * shape_of("shaft").half_m[1],
            protrusion_m=float(lead[0]), depth_m=depth, label=label or name,
        )  # fmt: skip

    def _held(self, truth: Truth, doing: str) -> PartTruth:
        if truth.held is None:
            raise SkillError(f"cannot {doing}: the gripper holds nothing; pick a part first")
        return truth.parts[truth.held]

    def _container_at(self, truth: Truth, ray: Ray) -> str | None:
        """The container whose opening the ray meets first."""
        met: list[tuple[float, str]] = []
        for name, container in self._profile.catalogue.containers.items():
            frame = truth.containers[name].matrix()
            half = np.array(container.inner_size_m[:2]) / 2
            rim = frame[:3, 3] + frame[:3, 2] * container.inner_size_m[2]
            hits = [_meets(ray, level) for level in (rim, frame[:3, 3])]
            if any(np.all(np.abs(((hit - frame[:3, 3]) @ frame[:3, :3])[:2]) <= half) for hit in hits):
                met.append((float(np.linalg.norm(hits[0] - ray[0])), name))
        return min(met)[1] if met else None

    def _obstacles(self, truth: Truth, part: PartTruth) -> np.ndarray:
        """Points of the neighbours, of the fixtures' outline and of the walls around a part."""
        clouds = [np.empty((0, 3))]
        for other in truth.parts.values():
            if other.id != part.id and np.linalg.norm(other.pose.position_m - part.pose.position_m) < 0.2:
                clouds.append(shape_of(other.shape).outline(other.pose))
        for name, container in self._profile.catalogue.containers.items():
            half_x, half_y = np.array(container.inner_size_m[:2]) / 2
            frame = truth.containers[name].matrix()
            x, y = (np.arange(-half, half + WALL_SPACING_M, WALL_SPACING_M) for half in (half_x, half_y))
            walls = [np.column_stack([x, np.full_like(x, side * half_y)]) for side in (-1, 1)]
            walls += [np.column_stack([np.full_like(y, side * half_x), y]) for side in (-1, 1)]
            flat = np.concatenate(walls)
            clouds.append(np.column_stack([flat, np.zeros(len(flat))]) @ frame[:3, :3].T + frame[:3, 3])
        return np.concatenate(clouds)

    def _in_tool(self, truth: Truth, held: PartTruth) -> np.ndarray:
        """Outline of the held part in the tool frame (n, 3)."""
        tool = truth.tool.matrix()
        return (shape_of(held.shape).outline(held.pose) - tool[:3, 3]) @ tool[:3, :3]

    def _top_at(self, truth: Truth, name: str, position: np.ndarray, in_tool: np.ndarray) -> float:
        """Height of the floor, or of what already lies below the held part there."""
        top = float(truth.containers[name].position_m[2])
        radius = float(np.linalg.norm(in_tool[:, :2], axis=1).max())
        for other in truth.parts.values():
            if other.container == name:
                outline = shape_of(other.shape).outline(other.pose)
                if np.linalg.norm(outline[:, :2] - position[:2], axis=1).min() < radius:
                    top = max(top, float(outline[:, 2].max()))
        return top

    def _protrusion(self, part: PartTruth, tool: Pose) -> float:
        return float(self._leading_end(part, tool)[0]) if part.shape == "shaft" else 0.0

    def _leading_end(self, shaft: PartTruth, tool: Pose) -> np.ndarray:
        """Centre (3,) in the tool frame of the end that sticks out along the tool's +x."""
        transform, frame = shaft.pose.matrix(), tool.matrix()
        half = shape_of("shaft").half_m[0]
        ends = [transform[:3, 3] + side * half * transform[:3, 0] for side in (-1, 1)]
        return max(((end - frame[:3, 3]) @ frame[:3, :3] for end in ends), key=lambda end: end[0])


def _pixel(point: ImagePoint) -> str:
    return f"({point.u:.0f}, {point.v:.0f})"


def _middle(bore: Pose, depth_m: float) -> np.ndarray:
    """A point inside a fixture, which a ray to any of its visible sides passes closely."""
    return bore.position_m + bore.matrix()[:3, 2] * depth_m / 2


def _distance(ray: Ray, position_m: np.ndarray) -> float:
    """Distance of a point from a ray."""
    offset = position_m - ray[0]
    return float(np.linalg.norm(offset - max(offset @ ray[1], 0.0) * ray[1]))


def _meets(ray: Ray, level_m: np.ndarray) -> np.ndarray:
    """Where a ray meets the horizontal plane through a point; infinitely far away where it does not go down."""
    origin, direction = ray
    if direction[2] >= -1e-6:
        return np.full(3, np.inf)
    return origin + direction * (level_m[2] - origin[2]) / direction[2]
