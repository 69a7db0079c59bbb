"""The MuJoCo twin of the cell: physics, sensors, devices, truth, and the privileged expert."""

import os
import sys

if sys.platform == "linux":  # read once by mujoco when it is imported; a screen is only needed by the viewer
    os.environ.setdefault("MUJOCO_GL", "egl")
