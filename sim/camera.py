"""RGB-D cameras of the cell: colour and depth from one rendering pass, with real intrinsics and extrinsics."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from luban.errors import LubanError, MissingComponent, unknown
from luban.observation import CameraView
from luban.profile import CameraConfig

_OPTICAL = np.diag([1.0, -1.0, -1.0])  # MuJoCo cameras look along -z with y up; optical frames along +z, y down


def _gl_context(width_px: int, height_px: int) -> Any:
    """Open an off-screen context. MuJoCo picks its backend when first imported, perhaps before MUJOCO_GL was set."""
    if os.environ.get("MUJOCO_GL") == "egl":
        import mujoco.egl

        return mujoco.egl.GLContext(width_px, height_px)
    return mujoco.GLContext(width_px, height_px)


@dataclass(frozen=True)
class Viewpoint:
    """Where a person looks from: at a point of the cell frame, from a distance, azimuth counter-clockwise from +x."""

    look_at_m: tuple[float, float, float] = (0.25, -0.20, -0.05)
    distance_m: float = 2.05
    azimuth_deg: float = 142.0
    elevation_deg: float = -30.0


Size = tuple[int, int]


class Cameras:
    """Renders the cameras of a model off screen. Holds an OpenGL context from the first image until `close`."""

    def __init__(self, model: mujoco.MjModel, configs: Mapping[str, CameraConfig]) -> None:
        self._model, self._configs = model, configs
        self._gl: Any = None
        self._fine_context: mujoco.MjrContext | None = None

    def render(self, data: mujoco.MjData, name: str) -> CameraView:
        """Render one camera from the poses in `data`.

        Raises:
            LubanError: unknown camera. MissingComponent: no off-screen OpenGL on this machine.
        """
        if name not in self._configs:
            raise LubanError(unknown("camera", name, self._configs))
        if self._gl is None:
            self._open()
        self._gl.make_current()
        config, model = self._configs[name], self._model
        viewport = mujoco.MjrRect(0, 0, config.width_px, config.height_px)
        self._camera.fixedcamid = model.camera(name).id
        mujoco.mjv_updateScene(
            model, data, self._option, None, self._camera, mujoco.mjtCatBit.mjCAT_ALL.value, self._scene
        )
        mujoco.mjr_render(viewport, self._scene, self._context)
        color = np.empty((config.height_px, config.width_px, 3), np.uint8)
        depth = np.empty((config.height_px, config.width_px), np.float32)
        mujoco.mjr_readPixels(color, depth, viewport, self._context)
        return CameraView(
            name, float(data.time), color[::-1].copy(), self._metres(depth[::-1]), config.intrinsics(),
            self._extrinsics(data, model.camera(name).id),
        )  # fmt: skip

    def picture(
        self, data: mujoco.MjData, view: Viewpoint, width_px: int, height_px: int, fine: bool = True
    ) -> np.ndarray:
        """Render a picture for people (height, width, 3) uint8. fine: smooth edges and shadows, ten times slower.

        Raises:
            MissingComponent: no off-screen OpenGL on this machine.
        """
        if self._gl is None:
            self._open()
        self._gl.make_current()
        if fine and self._fine_context is None:
            self._fine_context = self._new_context(samples=4, shadow_px=4096)
        context = self._fine_context if fine else self._context
        offscreen = max(width_px, context.offWidth), max(height_px, context.offHeight)
        mujoco.mjr_resizeOffscreen(*offscreen, context)
        camera = mujoco.MjvCamera()
        camera.lookat[:] = view.look_at_m
        camera.distance, camera.azimuth, camera.elevation = view.distance_m, view.azimuth_deg, view.elevation_deg
        viewport, scene = mujoco.MjrRect(0, 0, width_px, height_px), self._scene
        mujoco.mjv_updateScene(self._model, data, self._option, None, camera, mujoco.mjtCatBit.mjCAT_ALL.value, scene)
        color = np.empty((height_px, width_px, 3), np.uint8)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, context)
        scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = fine
        mujoco.mjr_render(viewport, scene, context)
        scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        mujoco.mjr_readPixels(color, None, viewport, context)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        return color[::-1].copy()

    def close(self) -> None:
        """Give the OpenGL context back; the next image opens a new one."""
        if self._gl is not None:
            self._gl.make_current()
            self._context.free()
            if self._fine_context is not None:
                self._fine_context.free()
                self._fine_context = None
            self._gl.free()
            self._gl = None

    def _new_context(self, samples: int, shadow_px: int) -> mujoco.MjrContext:
        self._model.vis.quality.offsamples, self._model.vis.quality.shadowsize = samples, shadow_px
        context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, context)
        return context

    def _open(self) -> None:
        width = max(config.width_px for config in self._configs.values())
        height = max(config.height_px for config in self._configs.values())
        try:
            self._gl = _gl_context(width, height)
            self._gl.make_current()
            self._context = self._new_context(samples=0, shadow_px=0)
        except Exception as error:  # every backend fails in its own way: ImportError, AttributeError, its own errors
            self._gl = None
            raise MissingComponent(
                f"cameras cannot render: off-screen OpenGL is not available ({type(error).__name__}: {error}); "
                "set MUJOCO_GL=egl and install it with: sudo apt-get install libegl1 libgl1-mesa-dri"
            ) from error
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR  # keeps its precision far away
        self._scene = mujoco.MjvScene(self._model, maxgeom=2000)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False  # they would double the time of an image
        self._option = mujoco.MjvOption()
        self._option.sitegroup[:] = 0
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED

    def _metres(self, depth: np.ndarray) -> np.ndarray:
        """Turn the depth buffer (1 = near, 0 = far) into metres along the optical axis; 0 where nothing was hit."""
        extent = self._model.stat.extent
        near, far = self._model.vis.map.znear * extent, self._model.vis.map.zfar * extent
        buffer = depth.astype(np.float64)
        return np.where(buffer <= 0.0, 0.0, near * far / (buffer * (far - near) + near)).astype(np.float32)

    def _extrinsics(self, data: mujoco.MjData, camera: int) -> np.ndarray:
        transform = np.eye(4)
        transform[:3, :3] = data.cam_xmat[camera].reshape(3, 3) @ _OPTICAL
        transform[:3, 3] = data.cam_xpos[camera]
        return transform


def solids_picture(
    model: mujoco.MjModel, data: mujoco.MjData, view: Viewpoint, size_px: Size = (640, 480)
) -> np.ndarray:
    """Render a model of solids alone, such as a learning environment's, (height, width, 3) uint8.

    Raises:
        MissingComponent: no off-screen OpenGL on this machine.
    """
    mujoco.mj_forward(model, data)
    model.vis.headlight.ambient[:], model.vis.headlight.diffuse[:] = 0.5, 0.6  # there are no other lights
    camera, option = mujoco.MjvCamera(), mujoco.MjvOption()
    camera.lookat[:] = view.look_at_m
    camera.distance, camera.azimuth, camera.elevation = view.distance_m, view.azimuth_deg, view.elevation_deg
    option.geomgroup[:] = 1
    try:
        renderer = mujoco.Renderer(model, size_px[1], size_px[0])
    except Exception as error:  # whatever the platform's OpenGL raises
        raise MissingComponent(
            f"no picture: off-screen OpenGL is needed and failed ({error}); set MUJOCO_GL"
        ) from error
    try:
        renderer.update_scene(data, camera, option)
        return renderer.render().copy()
    finally:
        renderer.close()
