"""Files in the dialects of other tools, read into one concept."""

import json

import pytest
import torch
from helpers import tiny_base
from safetensors.torch import load_file, save_file
from test_exports import made, predict

from persimg.concepts.exporting import export
from persimg.concepts.importing import import_file
from persimg.errors import UserError
from persimg.spaces import Lora, TokenEmbeddings, attach_concept


def as_old_diffusers(name):
    """to_q.lora_A.weight → processor.to_q_lora.down.weight, as attention processors once kept them."""
    side = "down" if ".lora_A." in name else "up"
    stem = name.split(".lora_")[0].removeprefix("unet.")
    attention, _, layer = stem.removesuffix(".0").rpartition(".") if stem.endswith("to_out.0") else stem.rpartition(".")
    if "self_attn" in stem:
        return f"{attention}.to_{layer.removesuffix('_proj')}_lora.{side}.weight".replace("text_encoder.", "text_encoder.text_model.")
    return f"unet.{attention}.processor.{layer}_lora.{side}.weight"


def as_diffusers(name):
    side = "down" if ".lora_A." in name else "up"
    return f"{name.split('.lora_')[0]}.{'lora_linear_layer' if name.startswith('text') else 'lora'}.{side}.weight"


def as_kohya(name, prefix="te"):
    """diffusers' names with underscores, in every family."""
    part = "lora_down" if ".lora_A." in name else "lora_up"
    stem = name.split(".lora_")[0].replace("text_encoder_2.text_model", "te2_text_model").replace("text_encoder.", f"{prefix}.text_model.")
    return f"lora_{stem.replace('.', '_')}.{part}.weight"


DIALECTS = {
    "old diffusers": as_old_diffusers,
    "diffusers": as_diffusers,
    "kohya": as_kohya,
    "kohya te1": lambda name: as_kohya(name, "te1"),
    "without the unet's prefix": lambda name: name.removeprefix("unet."),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_the_same_concept(dialect, tmp_path):
    base = tiny_base()
    concept, expected = made(base, Lora(rank=2, text_encoder=True))
    save_file({DIALECTS[dialect](name): tensor for name, tensor in concept.weights["lora"].items()}, tmp_path / "lora.safetensors")
    again = import_file(tmp_path / "lora.safetensors", "again", "cat", "sks cat", base)
    stack = attach_concept(base, again)
    assert torch.equal(predict(base, "a sks cat in the snow"), expected)
    stack.detach()


def test_sdxl_in_diffusers_names_with_underscores(tmp_path):
    base = tiny_base("sdxl")
    concept, expected = made(base, Lora(rank=2, text_encoder=True))
    save_file({as_kohya(name, "te1"): tensor for name, tensor in concept.weights["lora"].items()}, tmp_path / "lora.safetensors")
    stack = attach_concept(base, import_file(tmp_path / "lora.safetensors", "again", "cat", "sks cat", base))
    assert torch.equal(predict(base, "a sks cat in the snow"), expected)
    stack.detach()


@pytest.mark.parametrize("kept", ["te1", "unet", "te2_mlp"])
def test_files_of_some_models_alone_adapt_these_alone(kept, tmp_path):
    """Trainers often adapt one of the encoders, or its feed-forward layers too."""
    base = tiny_base("sdxl")
    text = ["text_encoder_2.text_model.encoder.layers.1.mlp.fc1", "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj"]
    lora = Lora(rank=2, text_encoder=True, targets=[], text_targets=text) if kept == "te2_mlp" else Lora(rank=2, text_encoder=True)
    concept, _ = made(base, lora)
    path = export(concept, "kohya", tmp_path / "lora.safetensors")[0]
    tensors = {key: t for key, t in load_file(path).items() if key.startswith(f"lora_{kept.removesuffix('_mlp')}")}
    save_file(tensors, path)
    again = import_file(path, "again", "cat", "sks cat", base)
    before = predict(base, "a sks cat in the snow")
    stack = attach_concept(base, again)
    assert 0 < stack.spaces[0].num_modules == len(tensors) // 3
    assert not torch.equal(predict(base, "a sks cat in the snow"), before)
    stack.detach()
    assert torch.equal(predict(base, "a sks cat in the snow"), before)


@pytest.mark.parametrize("rslora", [False, True])
def test_pefts_own_folder(rslora, tmp_path):
    """What PeftModel.save_pretrained writes; diffusers loads it as nothing, with a warning alone."""
    from peft import LoraConfig, get_peft_model

    base, plain = tiny_base(), tiny_base()
    config = LoraConfig(r=4, lora_alpha=16, target_modules=["to_q", "to_v"], alpha_pattern={"mid_block.*to_v": 2}, use_rslora=rslora)
    model = get_peft_model(plain.denoiser, config)
    with torch.no_grad():
        for name, param in model.named_parameters():
            if "lora_B" in name:
                param.normal_(generator=torch.Generator().manual_seed(len(name)), std=0.1)
    model.save_pretrained(tmp_path / "adapter")
    expected = predict(plain, "a cat in the snow")
    for path in (tmp_path / "adapter", tmp_path / "adapter" / "adapter_model.safetensors"):
        stack = attach_concept(base, import_file(path, "again", "cat", "", base))
        # alpha is folded into B, which rounds once
        assert (predict(base, "a cat in the snow") - expected).abs().max() < 1e-5
        stack.detach()
    (tmp_path / "adapter" / "adapter_config.json").unlink()
    with pytest.raises(UserError, match="adapter_config.json") as caught:
        import_file(tmp_path / "adapter", "again", "cat", "", base)
    assert caught.value.exit_code == 3


def test_dora_of_lycoris_and_of_columns(tmp_path):
    """dora_scale is (out, 1) in files; scales of the inputs, (1, in), are another method."""
    base = tiny_base("sdxl")
    concept, _ = made(base, Lora(rank=2, dora=True, targets="all"))
    path = export(concept, "kohya", tmp_path / "lora.safetensors")[0]
    tensors = load_file(path)
    scales = {key: t for key, t in tensors.items() if key.endswith(".dora_scale")}
    dimensions = {key: tensors[key.replace("dora_scale", "lora_down.weight")].ndim for key in scales}
    assert scales and all(t.shape == (len(t), *(1,) * (dimensions[key] - 1)) for key, t in scales.items())
    key = next(key for key in scales if "attn1_to_q" in key)
    save_file(tensors | {key: tensors[key].reshape(1, -1)}, path)
    with pytest.raises(UserError, match="by columns"):
        import_file(path, "again", "cat", "", base)
    del tensors[key]
    save_file(tensors, path)
    with pytest.raises(UserError, match="magnitudes for"):
        import_file(path, "again", "cat", "", base)


def test_folder_with_rows_and_lora_is_one_concept(tmp_path):
    base = tiny_base()
    concept, _ = made(base, TokenEmbeddings("<mycat>", 2, "cat"), Lora(rank=2))
    stack = attach_concept(base, concept)
    expected = predict(base, "a <mycat> <mycat>_1 in the snow")
    stack.detach()
    export(concept, "a1111", tmp_path / "both")
    again = import_file(tmp_path / "both", "mycat", "cat", "", base)
    assert again.card.expansion == "<mycat> <mycat>_1" and set(again.weights) == {"token", "lora"}
    stack = attach_concept(base, again)
    assert torch.equal(predict(base, "a <mycat> <mycat>_1 in the snow"), expected)
    stack.detach()


def test_rows_of_two_encoders_come_back_and_stay_with_their_family(tmp_path):
    base, sd = tiny_base("sdxl"), tiny_base()
    concept, expected = made(base, TokenEmbeddings("<mycat>", 2, "cat"))
    path = export(concept, "a1111", tmp_path / "rows.safetensors")[0]
    stack = attach_concept(base, import_file(path, "again", "cat", "", base))
    assert torch.equal(predict(base, "a <again> <again>_1 in the snow"), expected)
    stack.detach()
    with pytest.raises(UserError, match="clip_g of width 24, clip_l of width 16; tiny_sd_epsilon takes clip_l of width 16"):
        import_file(path, "again", "cat", "", sd)
    save_file({"emb_params": torch.zeros(16)}, path)
    assert import_file(path, "again", "cat", "", sd).weights["token"]["clip_l"].shape == (1, 16)
    with pytest.raises(UserError, match="takes clip_l of width 16, clip_g"):
        import_file(path, "again", "cat", "", base)


def broken(tensors, header, how):
    """A kohya file of SDXL with one thing wrong."""
    down = next(key for key in sorted(tensors) if key.endswith("lora_down.weight"))
    if how == "a half":
        del tensors[down]
    elif how == "shape":
        tensors[down] = tensors[down][:, :-1].contiguous()
    elif how == "stranger":
        tensors[down.replace("lora_unet_", "lora_unet_strange_")] = torch.zeros(2, 4)
    elif how == "twice":
        tensors["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k.lora_A.weight"] = tensors[down].clone()
    elif how == "key":
        tensors["lora_unet_input_blocks_1_1_proj_in.weird"] = torch.zeros(2)
    elif how == "settings":
        tensors = {f"unet.{as_plain(key)}": t for key, t in tensors.items() if as_plain(key)}
        header = {"lora_adapter_metadata": "{damaged"}
    elif how in ("lokr_w1", "diff", "hada_w1_a", "lora_mid.weight"):
        tensors[f"lora_unet_input_blocks_1_1_proj_in.{how}"] = torch.zeros(2, 2)
    return tensors, header


def as_plain(key):
    return "mid_block.attentions.0.proj_in.lora_A.weight" if "middle_block_1" in key and key.endswith("to_q.lora_down.weight") else ""


@pytest.mark.parametrize(
    "how, text",
    [
        ("a half", "lacks lora_A.weight of unet.down_blocks.0"), ("shape", "has \\(2, 15\\) for unet.down_blocks.0"),
        ("stranger", "modules fit tiny_sdxl"), ("twice", "two tensors for unet.down_blocks.0"), ("key", "weird"),
        ("settings", "damaged LoRA settings"), ("lokr_w1", "LyCORIS file \\(lokr_w1\\)"), ("diff", "LyCORIS file \\(diff\\)"),
        ("hada_w1_a", "LyCORIS"), ("lora_mid.weight", "LyCORIS file \\(lora_mid\\)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(how, text, tmp_path):
    base = tiny_base("sdxl")
    concept, _ = made(base, Lora(rank=2))
    tensors, header = broken(load_file(export(concept, "kohya", tmp_path / "whole.safetensors")[0]), {}, how)
    save_file(tensors, tmp_path / "lora.safetensors", metadata=header)
    with pytest.raises(UserError, match=text) as caught:
        import_file(tmp_path / "lora.safetensors", "again", "cat", "", base)
    assert caught.value.exit_code == 3 and "\n" not in str(caught.value)


def test_sdxls_file_on_another_family_says_so(tmp_path):
    concept, _ = made(tiny_base("sdxl"), Lora(rank=2, text_encoder=True))
    path = export(concept, "kohya", tmp_path / "lora.safetensors")[0]
    with pytest.raises(UserError, match="40 of 48 modules fit tiny_sd_epsilon .*made for sdxl_base_v1-0"):
        import_file(path, "again", "cat", "", tiny_base())


def test_headers_name_the_base_and_hold_json(tmp_path):
    from persimg.concepts.store import read_header

    for kind, version in (("sd_epsilon", "sd_v1"), ("sd_v", "sd_v1_v"), ("sdxl", "sdxl_base_v1-0")):
        concept, _ = made(tiny_base(kind), TokenEmbeddings("<mycat>"), Lora(rank=2, alpha=3))
        header = read_header(export(concept, "kohya", tmp_path / kind)[1])["__metadata__"]
        assert (header["ss_base_model_version"], header["ss_network_dim"], header["ss_network_alpha"]) == (version, "2", "3.0")
        assert header["ss_v2"] == "False" and json.loads(header["ss_network_args"]) == {}
        # the first space of the concept is the token, the file is the LoRA's
        assert header["modelspec.architecture"].endswith("/lora")
