"""A film of what the twin did: its states are kept while it runs and rendered afterwards, so the run is not slowed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from luban_interfaces.msg import TwinState
from PIL import Image
from rclpy.node import Node

from luban_nodes.conversion import time_s
from luban_nodes.quality import CONTROL
from sim.camera import Viewpoint
from sim.world import World

SIZE_PX = (960, 540)
FRAMES_PER_S = 15
STRIP_PX, MOMENTS = (480, 270), 6
SPEED = 3.0  # how much faster than the robot the film runs
NEAR = Viewpoint()
FOLLOW_M = (0.3, 1.6)  # how far the AGV is from its dock when the camera begins, and has finished, to turn to it


def following(world: World) -> Viewpoint:
    """Look at the bench while the AGV is at its dock, and after the AGV when it leaves."""
    agv, dock = world.truth().agv, world.profile.catalogue.stations["dock"]
    away_m = float(np.hypot(agv.x_m - dock.x_m, agv.y_m - dock.y_m))
    share = float(np.clip((away_m - FOLLOW_M[0]) / (FOLLOW_M[1] - FOLLOW_M[0]), 0.0, 1.0))
    vehicle_m = np.array([agv.x_m, agv.y_m, world.profile.catalogue.floor_z_m + 0.4])
    look_at_m = (1 - share) * np.array(NEAR.look_at_m) + share * vehicle_m
    return replace(NEAR, look_at_m=tuple(look_at_m), distance_m=NEAR.distance_m + 1.2 * share)


class Film:
    """Collects states of one scene from /twin/state."""

    def __init__(self, node: Node) -> None:
        self._states: list[tuple[float, np.ndarray]] = []
        node.create_subscription(TwinState, "/twin/state", self._on_state, CONTROL)

    def save(self, path: Path, world: World) -> Image.Image:
        """Render and encode (H.264); return six moments as one picture. The world is left in the last state."""
        frames, strip = self._chosen(), Image.new("RGB", (3 * STRIP_PX[0], 2 * STRIP_PX[1]))
        moments = {len(frames) * number // MOMENTS: number for number in range(MOMENTS)}
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=FRAMES_PER_S)
            stream.width, stream.height = SIZE_PX
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": "26", "preset": "veryfast"}
            for index, state in enumerate(frames):
                world.mirror(state)
                picture = world.picture(*SIZE_PX, following(world), fine=False)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                if (number := moments.get(index)) is not None:
                    corner = number % 3 * STRIP_PX[0], number // 3 * STRIP_PX[1]
                    strip.paste(Image.fromarray(picture).resize(STRIP_PX), corner)
            container.mux(stream.encode())
        return strip

    def _chosen(self) -> list[np.ndarray]:
        """One state for each frame of the film."""
        chosen, due_s = [], -np.inf
        for stamp_s, state in self._states:
            if stamp_s >= due_s:
                chosen.append(state)
                due_s = stamp_s + SPEED / FRAMES_PER_S
        return chosen

    def start(self) -> None:
        """Forget what came before."""
        self._states.clear()

    def _on_state(self, message: TwinState) -> None:
        self._states.append((time_s(message.header.stamp), np.asarray(message.state)))
