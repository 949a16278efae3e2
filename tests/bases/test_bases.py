import pytest
import torch
from helpers import KINDS, tiny_base, tiny_pipeline

from persimg.bases.base import Conditioning
from persimg.bases.loading import check_base_name, grid, load_base, wrap
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)


def batch(base, count=3):
    rng = torch.Generator().manual_seed(1)
    shape = (count, *base.latent_shape(32, 32))
    return torch.randn(shape, generator=rng), torch.randn(shape, generator=rng), torch.tensor([0, 500, 999])[:count]


def test_noise_and_target_match_diffusers(base):
    z, noise, t = batch(base)
    assert torch.allclose(base.add_noise(z, noise, t), base.noise_scheduler.add_noise(z, noise, t), atol=1e-6)
    if base.prediction_type == "v_prediction":
        assert torch.allclose(base.target(z, noise, t), base.noise_scheduler.get_velocity(z, noise, t), atol=1e-6)


def test_denoised_inverts_target_at_every_t(base):
    z, noise, t = batch(base)
    estimate = base.denoised(base.add_noise(z, noise, t), base.target(z, noise, t), t)
    # epsilon divides by a_t = 0.068 at t = 999, which costs two digits
    assert torch.allclose(estimate, z, rtol=1e-4, atol=1e-4)


def test_snr_ends_at_zero_only_where_rescaled(base):
    last = base.snr(torch.tensor([999])).item()
    assert (last == 0) == (base.prediction_type == "v_prediction")


def test_prompts_match_the_pipeline(base):
    prompts = ["a photo of a cat in the snow", "a red dog"]
    with torch.no_grad():
        ours = base.encode_prompts(prompts)
        expected = base.pipeline.encode_prompt(prompts, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False)
    assert torch.allclose(ours.tokens, expected[0], atol=1e-6)
    if base.family == "sdxl":
        assert torch.allclose(ours.pooled, expected[2], atol=1e-6)


def test_prompts_carry_gradients(base):
    table = base.text_encoders["clip_l"].get_input_embeddings().weight.requires_grad_(True)
    base.encode_prompts(["a cat"]).tokens.sum().backward()
    assert table.grad.abs().sum() > 0
    table.grad = None
    table.requires_grad_(False)


def test_predict_has_the_latents_shape(base):
    z, noise, t = batch(base)
    cond = base.encode_prompts(["a cat", "a dog", ""])
    with torch.no_grad():
        assert base.predict(z, t, cond).shape == z.shape


def test_pictures_round_trip_shapes(base):
    pixels = torch.rand(2, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        z = base.encode_pictures(pixels)
        assert base.decode(z).shape == pixels.shape
    assert torch.equal(z, base.encode_pictures(pixels))


def test_too_long_a_prompt_is_refused(base):
    with pytest.raises(UserError, match="90 tokens, this base takes 75"):
        base.encode_prompts(["cat " * 90])


def test_sizes_off_the_grid_are_refused(base):
    with pytest.raises(UserError, match="multiples of 8"):
        base.latent_shape(36, 32)


def test_saved_folder_loads_with_the_same_fingerprint(base, tmp_path):
    base.pipeline.save_pretrained(tmp_path / "base")
    loaded = load_base(tmp_path / "base", device="cpu")
    assert (loaded.family, loaded.fingerprint) == (base.family, base.fingerprint)


def test_fingerprint_survives_any_precision_and_tells_models_apart(base, tmp_path):
    base.pipeline.save_pretrained(tmp_path / "base")
    loaded = {name: load_base(tmp_path / "base", dtype=name, device="cpu") for name in ("fp32", "fp16", "bf16")}
    assert {name: str(found.dtype) for name, found in loaded.items()} == {"fp32": "torch.float32", "fp16": "torch.float16", "bf16": "torch.bfloat16"}
    assert {found.fingerprint for found in loaded.values()} == {base.fingerprint}
    loaded["fp16"].pipeline.save_pretrained(tmp_path / "half")
    assert load_base(tmp_path / "half", dtype="bf16", device="cpu").fingerprint == base.fingerprint
    assert tiny_base(seed=1).fingerprint != tiny_base().fingerprint


@pytest.mark.parametrize("setting", [{"prediction_type": "epsilon"}, {"rescale_betas_zero_snr": False}])
def test_fingerprint_tells_what_is_predicted(setting):
    """The same weights under another target or noise are another model; files of version 0.1.0 didn't tell them apart."""
    pipeline = tiny_pipeline("sd_v")
    first = wrap(pipeline)
    pipeline.scheduler.register_to_config(**setting)
    other = wrap(pipeline)
    assert first.fingerprint != other.fingerprint and not other.is_called(first.fingerprint)
    assert first._fingerprint_of_weights == other._fingerprint_of_weights and other.is_called(first._fingerprint_of_weights)


@pytest.mark.parametrize("forced", [True, False])
def test_an_sdxl_autoencoder_that_overflows_stays_in_fp32(forced):
    pipeline = tiny_pipeline("sdxl").to(torch.float16)
    pipeline.vae.register_to_config(force_upcast=forced)
    base = wrap(pipeline)
    assert (base.dtype, base.pipeline.vae.dtype) == (torch.float16, torch.float32 if forced else torch.float16)
    if forced:
        picture = Sampler(base, batch=1).draw(["a cat"], [0], steps=2)[0]
        with torch.no_grad():
            z = base.encode_pictures(torch.zeros(1, 3, 32, 32))
        assert picture.size == (32, 32) and z.dtype == torch.float32


def test_conditioning_selects_and_joins():
    cond = Conditioning(torch.arange(6.0).reshape(3, 2, 1), torch.arange(3.0)[:, None])
    joined = Conditioning.cat([cond.select([2]), cond.select([0])])
    assert joined.tokens[:, 0, 0].tolist() == [4, 0] and joined.pooled[:, 0].tolist() == [2, 0] and joined.time_ids is None


@pytest.mark.parametrize("name", ["nowhere", "no/such/folder", "./missing"])
def test_missing_base_is_one_line(name):
    with pytest.raises(UserError, match="doesn't exist") as caught:
        check_base_name(name)
    assert caught.value.exit_code == 2


def test_hub_id_offline_is_one_line():
    with pytest.raises(UserError, match=r"could not be loaded \(not in the hub's cache here, and the hub didn't give it\); give"):
        load_base("nobody/nothing", device="cpu")


def test_a_single_file_without_its_configuration_is_one_line(tmp_path):
    """Its configuration and vocabulary are on the hub alone."""
    from safetensors.torch import save_file

    save_file({"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": torch.zeros(2, 2)}, tmp_path / "a.safetensors")
    with pytest.raises(UserError, match="could not be loaded") as caught:
        load_base(tmp_path / "a.safetensors", device="cpu")
    assert caught.value.exit_code == 3 and "\n" not in str(caught.value)


def test_a_grid_is_known_without_loading(base, tmp_path):
    base.pipeline.save_pretrained(tmp_path / "base")
    assert grid(str(tmp_path / "base")) == (base.default_size, 8) == (32, 8)
    assert grid("mini") == (128, 32) and grid("org/model") is None


def test_pickles_and_foreign_folders_are_refused(tmp_path):
    (tmp_path / "model.ckpt").write_bytes(b"")
    with pytest.raises(UserError, match="pickle"):
        check_base_name(str(tmp_path / "model.ckpt"))
    with pytest.raises(UserError, match="model_index"):
        check_base_name(str(tmp_path))


def test_xformers_absent_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    tiny_pipeline().save_pretrained(tmp_path)
    with pytest.raises(UserError, match="xformers isn't installed"):
        load_base(tmp_path, attention="xformers")


@pytest.mark.skipif(torch.cuda.is_available(), reason="speaks of a machine without CUDA")
@pytest.mark.parametrize("device", ["cpu", None])
def test_xformers_without_a_gpu_is_one_line(device, tmp_path):
    pytest.importorskip("xformers")
    tiny_pipeline().save_pretrained(tmp_path)
    with pytest.raises(UserError, match="--attention xformers has no kernels for cpu; use --attention sdpa, or --device cuda"):
        load_base(tmp_path, attention="xformers", device=device)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_xformers_draws_the_same_picture(tmp_path):
    pytest.importorskip("xformers")
    import numpy as np

    tiny_pipeline("sd_v").save_pretrained(tmp_path)
    usual, other = (load_base(tmp_path, dtype="fp32", device="cuda", attention=name) for name in ("sdpa", "xformers"))
    assert "XFormers" in type(next(iter(other.denoiser.attn_processors.values()))).__name__
    first, second = (np.asarray(Sampler(base, batch=1).draw(["a cat"], [0], steps=4)[0]).astype(int) for base in (usual, other))
    assert np.abs(first - second).max() <= 2  # grey levels: sums in another order


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "CPU"])
def test_unknown_devices_are_one_line(device, tmp_path):
    with pytest.raises(UserError, match="is unknown; choose cpu, cuda or cuda:N"):
        load_base("mini", device=device)
