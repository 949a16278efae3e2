"""The table of names, against the published SDXL and against diffusers' own reading of it."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from persimg.concepts.names import SDXL_UNET, find_module, kohya_name, module_table, sgm_blocks, sgm_name

KNOWN = {
    "conv_in": "input_blocks.0.0",
    "down_blocks.0.downsamplers.0.conv": "input_blocks.3.0.op",
    "down_blocks.1.attentions.0": "input_blocks.4.1",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q": "input_blocks.4.1.transformer_blocks.0.attn1.to_q",
    "down_blocks.1.resnets.0.conv_shortcut": "input_blocks.4.0.skip_connection",
    "down_blocks.2.attentions.1": "input_blocks.8.1",
    "mid_block.resnets.0.conv1": "middle_block.0.in_layers.2",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1.conv2": "middle_block.2.out_layers.3",
    "up_blocks.0.attentions.2": "output_blocks.2.1",
    "up_blocks.1.attentions.0": "output_blocks.3.1",
    "up_blocks.1.upsamplers.0.conv": "output_blocks.5.2.conv",
    "up_blocks.2.resnets.2.time_emb_proj": "output_blocks.8.0.emb_layers.1",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "conv_out": "out.2",
}


@pytest.fixture(scope="module")
def layers():
    """All layers of the published SDXL's U-Net that a LoRA can adapt, without their weights."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel(
            **SDXL_UNET, block_out_channels=(320, 640, 1280), transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048, addition_embed_type="text_time", addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816, use_linear_projection=True,
        )  # fmt: skip
    return [name for name, layer in unet.named_modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]


def test_names_of_the_published_sdxl(layers):
    blocks = sgm_blocks(SDXL_UNET)
    assert {name: sgm_name(name, blocks) for name in KNOWN} == KNOWN
    assert len(layers) == 794 and len({sgm_name(name, blocks) for name in layers} - {None}) == 794
    assert sgm_name("class_embedding", blocks) is None


def test_diffusers_reads_every_name_as_we_mean_it(layers):
    from diffusers.loaders.lora_conversion_utils import _convert_non_diffusers_lora_to_diffusers, _maybe_map_sgm_blocks_to_diffusers
    from diffusers.utils import convert_unet_state_dict_to_peft

    keys = {kohya_name(f"unet.{name}", "sdxl", SDXL_UNET): torch.tensor(float(i)) for i, name in enumerate(layers)}
    file = {f"{key}.{part}.weight": number for key, number in keys.items() for part in ("lora_down", "lora_up")}
    found, _ = _convert_non_diffusers_lora_to_diffusers(_maybe_map_sgm_blocks_to_diffusers(file, SimpleNamespace(**SDXL_UNET)))
    peft = convert_unet_state_dict_to_peft({key.removeprefix("unet."): number for key, number in found.items()})
    read = {key.split(".lora_A")[0]: int(number) for key, number in peft.items() if ".lora_A" in key}
    assert read == {name: i for i, name in enumerate(layers)}


def test_upsampler_comes_right_after_the_layers_that_its_block_has():
    """Without attention it is the second in its place, as in SD 1.x; kohya's own table is for SDXL alone, and says third."""
    downs, ups = ["CrossAttnDownBlock2D", "DownBlock2D"], ["UpBlock2D", "CrossAttnUpBlock2D"]
    tiny = {"layers_per_block": 1, "down_block_types": downs, "up_block_types": ups}
    assert sgm_name("up_blocks.0.upsamplers.0.conv", sgm_blocks(tiny)) == "output_blocks.1.1.conv"
    assert sgm_name("up_blocks.1.attentions.1", sgm_blocks(tiny)) == "output_blocks.3.1"


@pytest.mark.parametrize(
    "module, family, name",
    [
        ("unet.down_blocks.1.attentions.0.proj_in", "sd", "lora_unet_down_blocks_1_attentions_0_proj_in"),
        ("unet.down_blocks.1.attentions.0.proj_in", "sdxl", "lora_unet_input_blocks_4_1_proj_in"),
        ("text_encoder.encoder.layers.0.mlp.fc1", "sd", "lora_te_text_model_encoder_layers_0_mlp_fc1"),
        ("text_encoder.encoder.layers.0.mlp.fc1", "sdxl", "lora_te1_text_model_encoder_layers_0_mlp_fc1"),
        ("text_encoder_2.text_model.encoder.layers.0.mlp.fc1", "sdxl", "lora_te2_text_model_encoder_layers_0_mlp_fc1"),
        ("text_encoder_2.text_projection", "sdxl", "lora_te2_text_projection"),
        ("text_encoder_2.text_projection", "sd", None),
        ("unet.class_embedding", "sdxl", None),
    ],
)
def test_kohyas_names_are_found_again(module, family, name):
    assert kohya_name(module, family, SDXL_UNET) == name
    if name:
        assert find_module(name, module_table([module], SDXL_UNET)) == module
