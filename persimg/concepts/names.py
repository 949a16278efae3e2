"""How other tools name a base's modules: one table, written by exports and read backwards by imports.

kohya's trainers write diffusers' names for SD 1.x and 2.x, and the original (sgm) names for SDXL, dots turned to
underscores (sd-scripts: networks/lora.py, library/sdxl_model_util.py). Our names are diffusers' own, with "unet.",
"text_encoder." or "text_encoder_2." before them.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

PREFIXES = {"unet": ("unet",), "text_encoder": ("text_encoder", "te", "te1"), "text_encoder_2": ("text_encoder_2", "te2")}
"""our prefix → those that files have, after lora_"""
KOHYA = {"sd": {"unet": "unet", "text_encoder": "te"}, "sdxl": {"unet": "unet", "text_encoder": "te1", "text_encoder_2": "te2"}}
"""family → the prefixes that kohya's trainers write"""
SDXL_UNET = {
    "layers_per_block": 2, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
}  # fmt: skip
"""the published SDXL (Podell et al. 2023), for concepts whose card doesn't describe the U-Net"""
_ENDS = {
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1", "mid_block.resnets.1": "middle_block.2",
}  # fmt: skip
_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip


def sgm_blocks(unet: Mapping[str, Any]) -> dict[str, str]:
    """diffusers' name of a block → the original one, for a U-Net of this configuration.

    sgm counts all layers of the way down in one row, then those of the way up, which have one layer more a block; the
    resampling comes last in a block, on the way up beside the layer before it (sgm: openaimodel.py UNetModel).
    """
    downs, ups = unet["down_block_types"], unet["up_block_types"]
    layers = unet["layers_per_block"]
    layers = [layers] * len(downs) if isinstance(layers, int) else list(layers)
    return _ENDS | dict(_down(layers)) | dict(_up(layers[::-1], ups))


def _down(layers: list[int]) -> Iterator[tuple[str, str]]:
    place = 1  # 0 is conv_in
    for block, count in enumerate(layers):
        for layer in range(count):
            yield f"down_blocks.{block}.resnets.{layer}", f"input_blocks.{place}.0"
            yield f"down_blocks.{block}.attentions.{layer}", f"input_blocks.{place}.1"
            place += 1
        yield f"down_blocks.{block}.downsamplers.0.conv", f"input_blocks.{place}.0.op"
        place += 1


def _up(layers: list[int], kinds: list[str]) -> Iterator[tuple[str, str]]:
    place = 0
    for block, (count, kind) in enumerate(zip(layers, kinds)):
        for layer in range(count + 1):
            yield f"up_blocks.{block}.resnets.{layer}", f"output_blocks.{place}.0"
            yield f"up_blocks.{block}.attentions.{layer}", f"output_blocks.{place}.1"
            place += 1
        yield f"up_blocks.{block}.upsamplers.0", f"output_blocks.{place - 1}.{2 if 'Attn' in kind else 1}"


def sgm_name(name: str, blocks: Mapping[str, str]) -> str | None:
    """A U-Net module's original name by the table of its blocks; None where it has none."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        block = ".".join(parts[:count])
        if block in blocks:
            rest = ".".join(parts[count:])
            rest = _RESNET.get(rest, rest) if ".resnets." in block else rest
            return f"{blocks[block]}.{rest}" if rest else blocks[block]
    return None


def _nested(name: str) -> str:
    """A text encoder's module as the old, nested CLIP calls it; transformers 5 has lost text_model."""
    return name if name.startswith(("text_model.", "text_projection")) else f"text_model.{name}"


def kohya_name(module: str, family: str, unet: Mapping[str, Any]) -> str | None:
    """unet.a.b → lora_unet_a_b, as kohya's trainers write it; None where they have no name for it."""
    prefix, _, rest = module.partition(".")
    kept = KOHYA.get(family, {}).get(prefix)
    if prefix == "unet":
        name = sgm_name(rest, sgm_blocks(unet)) if family == "sdxl" else rest
    else:
        name = _nested(rest)
    return f"lora_{kept}_{name}".replace(".", "_") if kept and name else None


def module_table(modules: list[str], unet: Mapping[str, Any]) -> dict[str, str]:
    """Every spelling that files have, dots as underscores and without lora_ → our name."""
    blocks = sgm_blocks(unet)
    return {spelling: module for module in modules for spelling in _spellings(module, blocks)}


def _spellings(module: str, blocks: Mapping[str, str]) -> set[str]:
    prefix, _, rest = module.partition(".")
    names = [rest, sgm_name(rest, blocks)] if prefix == "unet" else [rest, _nested(rest), rest.removeprefix("text_model.")]
    return {f"{there}_{name}".replace(".", "_") for there in PREFIXES[prefix] for name in names if name}


def find_module(stem: str, table: Mapping[str, str]) -> str | None:
    """Our name for what stands before .lora_down.weight and its like; files of one model alone have no prefix."""
    flat = stem.replace(".", "_").removeprefix("lora_")
    return next((table[name] for name in (flat, f"unet_{flat}", f"text_encoder_{flat}") if name in table), None)
