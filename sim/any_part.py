"""One free body that can be any of the six parts: its solids are switched copy by copy of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np

from luban.task import ScenePart
from sim.arm_batch import ArmBatch
from sim.collision import PART, STATIC
from sim.parts import SHAPES, add_part

BODY = "part/any"
NAMES = tuple(SHAPES)
UNSEEN_GROUP = 5  # of the solids that a copy does not have: rays leave it out


def add_any_part(spec: mujoco.MjSpec) -> None:
    """Add a free body `part/any` with the solids of every shape, each of them colliding until `AnyPart.become`."""
    add_part(spec, ScenePart("any", NAMES[0], "white", (0.5, 0.0), 0.0))
    body = spec.body(BODY)
    for geom in list(body.geoms):
        spec.delete(geom)
    for name in NAMES:
        part = mujoco.MjSpec()
        part.compiler.degree = False
        part.add_material(name="paint")
        add_part(part, ScenePart(name, name, "white", (0.0, 0.0), 0.0))
        for mesh in part.meshes:
            if mesh.name.endswith("_hull") and spec.mesh(mesh.name) is None:
                spec.add_mesh(name=mesh.name, uservert=mesh.uservert, userface=mesh.userface)
        solids = [geom for geom in part.geoms if geom.contype]
        for index, geom in enumerate(solids):
            values = {key: getattr(geom, key) for key in _KEPT}
            copy = body.add_geom(name=_geom(name, index), type=geom.type, **values)
            if geom.type == mujoco.mjtGeom.mjGEOM_MESH:
                copy.meshname = geom.meshname


_KEPT = (
    "pos", "quat", "fromto", "size", "mass", "friction", "solref", "solimp", "condim", "contype", "conaffinity", "group"
)  # fmt: skip


def _geom(shape: str, index: int) -> str:
    return f"{BODY}/{shape}_{index}"


@dataclass(frozen=True, eq=False)
class Inertia:
    """Mass [kg], principal moments (3,) [kg·m²], their frame's place (3,) [m] and quaternion (4,) in the body."""

    mass_kg: float
    moments: np.ndarray
    place_m: np.ndarray
    quaternion: np.ndarray


@lru_cache
def inertia_of(shape: str) -> Inertia:
    """As MuJoCo computes it for a part of this shape."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.add_material(name="paint")
    add_part(spec, ScenePart(shape, shape, "white", (0.0, 0.0), 0.0))
    model = spec.compile()
    body = model.body(f"part/{shape}").id
    return Inertia(
        float(model.body_mass[body]), model.body_inertia[body].copy(), model.body_ipos[body].copy(),
        model.body_iquat[body].copy(),
    )  # fmt: skip


class AnyPart:
    """The switchable part of every copy of a batch whose model was made with `add_any_part`."""

    def __init__(self, arms: ArmBatch) -> None:
        self._batch, self._qpos, model = arms.batch, arms.qpos, arms.model
        start = model.joint(BODY).qposadr[0]
        self.coordinates = slice(start, start + 7)
        first = model.joint(BODY).dofadr[0]
        self.velocities = slice(first, first + 6)
        self.body = model.body(BODY).id
        self._solids = {
            name: np.array([model.geom(_geom(name, i)).id for i in range(len(SHAPES[name].solids))]) for name in NAMES
        }
        self._all = np.concatenate(list(self._solids.values()))
        expand = self._batch.expand
        self._contype, self._conaffinity, self._group = (
            expand(f"geom_{name}") for name in ("contype", "conaffinity", "group")
        )
        self._mass, self._moments, self._place, self._quaternion = (
            expand(f"body_{name}") for name in ("mass", "inertia", "ipos", "iquat")
        )
        self._group_of = int(model.geom_group[self._all[0]])
        self.shape = np.zeros(arms.count, dtype=int)  # index into NAMES

    def become(self, slots: np.ndarray, shapes: np.ndarray, mass_scale: np.ndarray) -> None:
        """Make the parts of copies (k,) the shapes with indices (k,), heavier by factors (k,)."""
        for slot, shape, scale in zip(slots, shapes, mass_scale, strict=True):
            own = self._solids[NAMES[shape]]
            self._contype[slot, self._all] = self._conaffinity[slot, self._all] = 0
            self._group[slot, self._all] = UNSEEN_GROUP
            self._contype[slot, own], self._conaffinity[slot, own] = PART, STATIC | PART
            self._group[slot, own] = self._group_of
            inertia = inertia_of(NAMES[shape])
            self._mass[slot, self.body] = scale * inertia.mass_kg
            self._moments[slot, self.body] = scale * inertia.moments
            self._place[slot, self.body], self._quaternion[slot, self.body] = inertia.place_m, inertia.quaternion
            self.shape[slot] = shape
        self._batch.set_const(slots)

    @property
    def pose(self) -> np.ndarray:
        """Free-joint coordinates (n, 7) of the parts now: a view."""
        return np.asarray(self._qpos[:, self.coordinates])

    def tilt_rad(self) -> np.ndarray:
        """Angle (n,) between up and the parts' z axes."""
        _, x, y, _ = self.pose[:, 3:].T
        return np.asarray(np.arccos(np.clip(1.0 - 2.0 * (x * x + y * y), -1.0, 1.0)))
