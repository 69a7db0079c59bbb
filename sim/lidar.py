"""A 2-D lidar in the twin: rays against everything that can be seen, with the noise of a safety scanner."""

from __future__ import annotations

from math import pi

import mujoco
import numpy as np

from luban.state import LidarScan
from sim.agv import BODY, HIDDEN, LIDAR

BEAMS = 360
RANGE_MAX_M = 10.0
SIGMA_M = 0.005


class Lidar:
    """Two corner scanners merged into one 360 degree scan about the axle's centre, as AGV controllers publish it.

    The vehicle itself is not seen. Ranges carry Gaussian noise of SIGMA_M, drawn from the given generator.
    """

    def __init__(self, model: mujoco.MjModel, generator: np.random.Generator) -> None:
        self._model = model
        self._generator = generator
        self._site = model.site(LIDAR).id
        self._vehicle = model.body(BODY).id
        self._groups = np.ones(mujoco.mjNGROUP, dtype=np.uint8)
        self._groups[HIDDEN] = 0
        angles = -pi + np.arange(BEAMS) * (2 * pi / BEAMS)
        self._directions = np.stack([np.cos(angles), np.sin(angles), np.zeros(BEAMS)], axis=1)  # (beams, 3)
        self._geoms = np.zeros(BEAMS, dtype=np.int32)
        self._ranges_m = np.zeros(BEAMS)

    def scan(self, data: mujoco.MjData) -> LidarScan:
        """Measure now, from the poses in `data`."""
        rotation = data.site_xmat[self._site].reshape(3, 3)
        mujoco.mj_multiRay(
            self._model, data, data.site_xpos[self._site], (self._directions @ rotation.T).ravel(), self._groups, True,
            self._vehicle, self._geoms, self._ranges_m, None, BEAMS, RANGE_MAX_M,
        )  # fmt: skip
        seen = (self._ranges_m >= 0.0) & (self._ranges_m <= RANGE_MAX_M)
        noisy = np.maximum(self._ranges_m + self._generator.normal(0.0, SIGMA_M, BEAMS), 0.0)
        return LidarScan(float(data.time), -pi, 2 * pi / BEAMS, RANGE_MAX_M, np.where(seen, noisy, np.inf))
