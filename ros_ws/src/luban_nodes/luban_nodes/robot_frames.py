"""The frames of a URDF: which are fixed, and where the others are for given joint positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from scipy.spatial.transform import Rotation

MOVING = ("revolute", "continuous", "prismatic")
Frame = tuple[str, str, np.ndarray]  # parent, child, (4, 4) transform of the child in the parent


@dataclass(frozen=True, eq=False)
class _Joint:
    name: str
    kind: str
    parent: str
    child: str
    origin: np.ndarray  # (4, 4)
    axis: np.ndarray  # (3,), unit, in the child's frame

    def transform(self, position: float) -> np.ndarray:
        """Return the child's frame in the parent's at a joint position [rad] or [m]."""
        motion = np.eye(4)
        if self.kind == "prismatic":
            motion[:3, 3] = self.axis * position
        else:
            motion[:3, :3] = Rotation.from_rotvec(self.axis * position).as_matrix()
        return self.origin @ motion


def _joint(element: ElementTree.Element) -> _Joint:
    def vector(tag: str, attribute: str, default: str) -> np.ndarray:
        found = element.find(tag)
        return np.array((found.get(attribute, default) if found is not None else default).split(), dtype=float)

    origin = np.eye(4)
    origin[:3, 3] = vector("origin", "xyz", "0 0 0")
    origin[:3, :3] = Rotation.from_euler("xyz", vector("origin", "rpy", "0 0 0")).as_matrix()
    axis = vector("axis", "xyz", "1 0 0")
    ends = {end: element.find(end).get("link", "") for end in ("parent", "child")}  # type: ignore[union-attr]
    return _Joint(
        element.get("name", ""),
        element.get("type", ""),
        ends["parent"],
        ends["child"],
        origin,
        axis / np.linalg.norm(axis),
    )


class RobotFrames:
    """Frames of a URDF. Joints that nobody reports (gripper fingers, wheels) rest at zero; floating ones are left out:
    whoever tracks the body publishes its frame."""

    def __init__(self, urdf: str) -> None:
        self._joints = [_joint(element) for element in ElementTree.fromstring(urdf).findall("joint")]

    def fixed(self) -> Iterator[Frame]:
        for joint in self._joints:
            if joint.kind == "fixed":
                yield joint.parent, joint.child, joint.origin

    def moving(self, positions: Mapping[str, float]) -> Iterator[Frame]:
        """positions: by joint name [rad] or [m]."""
        for joint in self._joints:
            if joint.kind in MOVING:
                yield joint.parent, joint.child, joint.transform(positions.get(joint.name, 0.0))
