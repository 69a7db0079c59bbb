"""Qwen2.5-VL and Qwen3-VL in this process, through transformers, from a local folder or by a hub name.

The ids of the prompt are written here, not by a chat template: transformers' own processor for Qwen3-VL needs
torchvision, and what a person types must never become a control token. Only safetensors are loaded, never code.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from luban.errors import MissingComponent
from luban.step import Skill
from policies.planner.answer_cache import AnswerCache, Reply
from policies.planner.image_coordinates import AbsolutePixels, ImageCoordinates, Relative1000
from policies.planner.prompted_teacher import PromptedTeacher
from policies.planner.teacher import TeacherError
from policies.planner.teacher_prompt import TOOL_NAME, Prompt
from policies.planner.tool_call import CALL_OPENS

MODELS = {"qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration", "qwen3_vl": "Qwen3VLForConditionalGeneration"}
ANSWER_OPENS = f'{CALL_OPENS}\n{{"name": "{TOOL_NAME}", "arguments":'  # the tool is not a choice
_SKILL = re.compile(r'"skill"\s*:\s*"')


class QwenTeacher(PromptedTeacher):
    """Answers greedily, one question at a time; threads take turns.

    model: a folder in the hub's layout, or a hub name (`revision`: its commit). dtype: as torch names it, "auto" = as
    stored. deadline_s: for what the model writes. The probabilities of the skills follow the model's own reasoning.
    Raises:
        MissingComponent: the extra `teacher` is not installed.
        TeacherError: there is no such model, it is of another kind, or it is damaged.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "auto",
        max_tokens: int = 512,
        deadline_s: float = 120.0,
        cache: AnswerCache | None = None,
    ) -> None:
        self._name, self._device, self._deadline_s = str(model), device, deadline_s
        self._turn = threading.Lock()
        try:
            self._load(revision, dtype)
        except MissingComponent:
            raise
        except Exception as error:  # what three libraries raise over a damaged folder has no common root
            raise self._failed("a Qwen2.5-VL or Qwen3-VL in safetensors", f"{type(error).__name__}: {error}") from error
        self._network.generation_config = self._greedy(max_tokens)
        identity = f"{self._name} {self._fingerprint() if cache else ''} greedy {max_tokens}"
        super().__init__(Path(self._name).name, identity, self._coordinates(), cache)

    def _load(self, revision: str | None, dtype: str) -> None:
        try:
            import torch
            import transformers
            from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
        except ModuleNotFoundError as error:
            raise MissingComponent(
                f"a Qwen teacher needs the package {error.name!r}; pip install 'luban[teacher]'"
            ) from error
        self._torch = torch
        where: dict[str, Any] = {"revision": revision, "trust_remote_code": False}
        config = transformers.AutoConfig.from_pretrained(self._name, **where)
        if config.model_type not in MODELS:
            raise ValueError(f"model_type {config.model_type!r}, known are {', '.join(MODELS)}")
        self._network, report = getattr(transformers, MODELS[config.model_type]).from_pretrained(
            self._name, config=config, dtype=dtype, use_safetensors=True, output_loading_info=True, **where
        )
        if absent := sorted(report["missing_keys"]):
            raise ValueError(f"{len(absent)} tensors are not in the files, such as {absent[0]}")
        self._network.to(self._device).eval()
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(self._name, **where)
        self._images = Qwen2VLImageProcessorPil.from_pretrained(self._name, **where)
        self._ends = self._tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
        known = self._tokenizer.convert_tokens_to_ids("<|image_pad|>")
        if known != config.image_token_id or len(self._tokenizer) > config.text_config.vocab_size:
            raise ValueError(f"a tokenizer made for another model: image token {known}, not {config.image_token_id}")
        if self._images.patch_size != config.vision_config.patch_size:
            raise ValueError(f"preprocessor_config.json: patches of {self._images.patch_size} px, not the model's")

    def _coordinates(self) -> ImageCoordinates:
        if self._network.config.model_type == "qwen3_vl":
            return Relative1000()
        images = self._images
        limits = images.size["shortest_edge"], images.size["longest_edge"]
        return AbsolutePixels(images.patch_size * images.merge_size, *limits)

    def _greedy(self, max_tokens: int) -> Any:
        """Nothing of the model's own generation_config.json: its repetition penalty bends JSON."""
        from transformers import GenerationConfig

        return GenerationConfig(
            do_sample=False,
            max_new_tokens=max_tokens,
            max_time=self._deadline_s,
            eos_token_id=self._ends,
            pad_token_id=self._ends[1],
        )

    def _fingerprint(self) -> str:
        """Hash of the weights in a folder, or the hub's commit: another training must not find these answers."""
        digest = hashlib.sha256(str(getattr(self._network.config, "_commit_hash", None)).encode())
        for path in sorted(Path(self._name).glob("*.safetensors")) if Path(self._name).is_dir() else ():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]

    def _reply(self, prompt: Prompt) -> Reply:
        with self._turn:
            started_s = time.monotonic()
            pixels = self._images(images=[prompt.image], return_tensors="pt")
            asked = self._prompt_ids(prompt, pixels["image_grid_thw"]) + self._ids(ANSWER_OPENS)
            try:
                with self._torch.inference_mode():
                    written = self._network.generate(**self._batch([asked], pixels))[0, len(asked) :].tolist()
                    if written[-1] not in self._ends and time.monotonic() - started_s >= self._deadline_s:
                        raise self._failed(f"an answer within {self._deadline_s:g} s", f"{len(written)} tokens of it")
                    text = ANSWER_OPENS + self._tokenizer.decode(written, skip_special_tokens=True)
                    probabilities = self._skill_probabilities(asked, text, pixels)
            except RuntimeError as error:  # out of memory, a lost device
                raise self._failed("a working model", f"{type(error).__name__}: {error}") from error
        seconds = time.monotonic() - started_s
        return Reply(text, seconds, len(asked), len(written), skill_probabilities=probabilities)

    def _prompt_ids(self, prompt: Prompt, grid: Any) -> list[int]:
        """The chat form that Qwen was trained on, with as many image tokens as there are merged patches."""
        count = int(grid.prod()) // self._images.merge_size**2
        opens, closes, start, end, pad = self._tokenizer.convert_tokens_to_ids(
            ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
        )
        line = self._ids("\n")
        system = [opens, *self._ids(f"system\n{prompt.system_with_tool}"), closes, *line]
        user = [opens, *self._ids("user\n"), start, *[pad] * count, end, *self._ids(prompt.user), closes, *line]
        return [*system, *user, opens, *self._ids("assistant\n")]

    def _ids(self, text: str) -> list[int]:
        """Ids of plain text: "<|im_end|>" in it is nine characters and more, not the end of the person's turn."""
        return self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]

    def _batch(self, sequences: Sequence[Sequence[int]], pixels: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs for sequences that all look at the same image, padded on the right."""
        torch, count = self._torch, len(sequences)
        ids = np.full((count, max(map(len, sequences))), self._ends[-1], np.int64)  # (sequence, token)
        mask = np.zeros_like(ids)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)], mask[row, : len(sequence)] = sequence, 1
        inputs = {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            # Marks the image: without it Qwen2.5-VL silently counts positions in text order (transformers 5.23).
            "mm_token_type_ids": torch.from_numpy((ids == self._network.config.image_token_id).astype(np.int64)),
            "pixel_values": pixels["pixel_values"].repeat(count, 1).to(self._network.dtype),
            "image_grid_thw": pixels["image_grid_thw"].repeat(count, 1),
        }
        return {name: tensor.to(self._device) for name, tensor in inputs.items()}

    def _skill_probabilities(
        self, asked: Sequence[int], text: str, pixels: Mapping[str, Any]
    ) -> Mapping[Skill, float] | None:
        """Force each skill's name where the model wrote one, and share one by their probabilities."""
        found = _SKILL.search(text)
        if found is None:
            return None
        opening = self._ids(ANSWER_OPENS)
        before = text[: found.end()]
        written = [self._ids(before + skill.value) for skill in Skill]
        if any(ids[: len(opening)] != opening for ids in written):
            return None
        sequences = [[*asked, *ids[len(opening) :]] for ids in written]
        same = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*sequences, strict=False)))
        batch = self._batch(sequences, pixels)
        kept = batch["input_ids"].shape[1] - same + 1  # logits at t tell of the token at t + 1
        logits = self._network(**batch, logits_to_keep=kept).logits.float()
        chances = logits.log_softmax(-1).cpu()  # (skill, kept, vocabulary)
        scores = [
            sum(chances[row, at - same, ids[at]].item() for at in range(same, len(ids)))
            for row, ids in enumerate(sequences)
        ]
        weights = [math.exp(score - max(scores)) for score in scores]
        return {skill: weight / sum(weights) for skill, weight in zip(Skill, weights, strict=True)}

    def _failed(self, required: str, actual: str) -> TeacherError:
        return TeacherError(
            f"teacher {self._name}",
            required=required,
            actual=actual[:500],
            next_step="give a folder or hub name of such a model; 'hf download NAME --local-dir FOLDER' fetches one",
        )
