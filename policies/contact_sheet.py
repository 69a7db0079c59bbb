"""One picture of many episodes: the last frame of each, framed green or red."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from luban.whole_file import write_whole
from policies.evaluation import Episode

TILE_PX = (240, 180)
CAPTION_PX = 34
COLUMNS = 7
GREEN, RED = (46, 160, 67), (207, 34, 46)


@dataclass
class ContactSheet:
    """Collects tiles; `save` writes a PNG."""

    tiles: list[Image.Image] = field(default_factory=list)

    def add(self, episode: Episode, picture: np.ndarray) -> None:
        """Add the last frame of an episode. picture: (height, width, 3) uint8."""
        color = GREEN if episode.success else RED
        tile = Image.new("RGB", (TILE_PX[0], TILE_PX[1] + CAPTION_PX), color)
        tile.paste(Image.fromarray(picture).resize((TILE_PX[0] - 6, TILE_PX[1] - 3), Image.Resampling.LANCZOS), (3, 3))
        draw = ImageDraw.Draw(tile)
        font = ImageFont.load_default(12)
        draw.text((6, TILE_PX[1] + 2), f"{episode.id}  {episode.kind}  {episode.lang}", "white", font)
        draw.text(
            (6, TILE_PX[1] + 17), f"{episode.outcome}, {episode.steps} steps, {episode.seconds:.1f} s", "white", font
        )
        self.tiles.append(tile)

    def save(self, path: Path) -> None:
        """Write the sheet. Raises LubanError when it cannot be written; a sheet of no tile writes nothing."""
        if not self.tiles:
            return
        columns = min(COLUMNS, len(self.tiles))
        width, height = TILE_PX[0] + 4, TILE_PX[1] + CAPTION_PX + 4
        sheet = Image.new("RGB", (columns * width, math.ceil(len(self.tiles) / columns) * height), "white")
        for index, tile in enumerate(self.tiles):
            sheet.paste(tile, (index % columns * width + 2, index // columns * height + 2))
        encoded = io.BytesIO()
        sheet.save(encoded, "PNG", optimize=True)
        write_whole(path, encoded.getvalue())
