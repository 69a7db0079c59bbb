"""The cell in a window, where there is a screen."""

from __future__ import annotations

import os
import sys
from typing import Any

from luban.errors import MissingComponent
from sim.world import World


class Viewer:
    """A window on a World that is stepped elsewhere: call `sync` after stepping. Closing the window stops nothing."""

    def __init__(self, world: World) -> None:
        """Raises MissingComponent where no window can be opened."""
        self._window: Any = _open(world)

    @property
    def is_open(self) -> bool:
        return bool(self._window.is_running())

    def sync(self) -> None:
        """Show the world as it is now."""
        if self.is_open:
            self._window.sync()

    def close(self) -> None:
        self._window.close()


def _open(world: World) -> Any:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MissingComponent(
            "the viewer needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set; "
            "run without --viewer, or log in to the desktop (or use ssh -X) and try again"
        )
    try:
        import mujoco.viewer

        window = mujoco.viewer.launch_passive(world.model, world.data, show_left_ui=False, show_right_ui=False)
    except Exception as error:  # GLFW and the window system fail in many ways
        raise MissingComponent(
            f"the viewer cannot open a window ({type(error).__name__}: {error}); "
            "run without --viewer, or install a desktop OpenGL: sudo apt-get install libgl1 libglfw3"
        ) from error
    window.cam.lookat[:] = (0.3, -0.3, 0.0)
    window.cam.distance, window.cam.azimuth, window.cam.elevation = 2.4, 140.0, -28.0
    return window
