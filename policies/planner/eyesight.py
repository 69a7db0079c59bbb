"""Whether an image can be trusted: there, of the right size, not blank, not old, and not frozen."""

from __future__ import annotations

import numpy as np

from luban.observation import CameraView, Observation
from luban.profile import CameraConfig
from luban.replies import Blindness
from luban.step import StepRecord

BLANK_RANGE = 24  # of brightness between the dark and the bright twentieth of an image, of 255
OLD_S = 2.0


class Eyesight:
    """Judges the images of one camera, one after the other."""

    def __init__(self, name: str, config: CameraConfig) -> None:
        self._name, self._config = name, config
        self._last: np.ndarray | None = None

    def fault(self, observation: Observation, last: StepRecord | None) -> Blindness | None:
        """Return what is wrong with the image of an observation. last: what was done since the image before."""
        before, self._last = self._last, None
        view = observation.views.get(self._name)
        if view is None:
            return "missing"
        if not self._fits(view):
            return "size"
        low, high = np.percentile(view.color[::4, ::4], (5, 95))
        if high - low < BLANK_RANGE:
            return "blank"
        if observation.arm.stamp_s - view.stamp_s > OLD_S:
            return "old"
        self._last = view.color
        moved = last is not None and last.succeeded and last.step.skill.moves_arm
        if moved and before is not None and np.array_equal(before, view.color):
            return "frozen"
        return None

    def _fits(self, view: CameraView) -> bool:
        size = (self._config.height_px, self._config.width_px)
        color_fits = view.color.shape == (*size, 3) and view.color.dtype == np.uint8
        return bool(color_fits and view.depth_m.shape == size and np.isfinite(view.transform_camera_to_cell).all())
