"""Files: written beside and renamed, hashed, and pictures opened without trusting them."""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif")
MAX_PIXELS = 100_000_000
MIN_SIDE = 8


_home: contextvars.ContextVar[Path | None] = contextvars.ContextVar("home", default=None)


def home() -> Path:
    """Where the library of concepts lies: home_is's folder, else PERSIMG_HOME, else ~/.persimg."""
    return _home.get() or Path(os.environ.get("PERSIMG_HOME") or Path.home() / ".persimg")


@contextlib.contextmanager
def home_is(folder: Path) -> Iterator[None]:
    """Another home for this thread: a server keeps several users' libraries apart."""
    token = _home.set(folder)
    try:
        yield
    finally:
        _home.reset(token)


def digest_bytes(data: bytes) -> str:
    """sha256, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """sha256 of a file's bytes, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def write_beside(path: Path | str, folder: Path | None = None) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`; rename it to `path` when the block ends well, else remove it.

    folder: another place for the temporary file, on the same file system.

    Raises UserError (exit 3) when the disk is full or the folder can't be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=folder or path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    os.close(handle)
    try:
        yield Path(name)
        # last, because safetensors puts a file of its own in this place, readable for its owner alone
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} could not be written ({error.strerror or error})", "free space or choose another folder", 3)


def write_text(path: Path | str, text: str) -> None:
    """Write a text file, whole or not at all."""
    with write_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write readable JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def append_text(path: Path | str, text: str) -> None:
    """Add to a text file; a full disk is a UserError (exit 3)."""
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _cannot_write(Path(path), error) from error


def save_tensors(path: Path | str, tensors: dict[str, Any], header: dict[str, str] | None = None) -> None:
    """Write a .safetensors file, whole or not at all; a full disk is a UserError."""
    import safetensors.torch

    with write_beside(path) as temporary:
        try:
            safetensors.torch.save_file({name: t.contiguous() for name, t in tensors.items()}, temporary, metadata=header)
        except safetensors.SafetensorError as error:
            # safetensors reports a full disk as its own error type
            raise OSError(str(error)) from error


def read_json(path: Path | str) -> Any:
    """Read JSON; UserError (exit 3) when it isn't."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid JSON ({error})", "mend or remove the file", 3) from error
    except OSError as error:
        raise UserError(f"{path} could not be read ({error.strerror})", "check the path", 3) from error


def open_picture(path: Path | str, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Open a picture as RGB, turned as its EXIF says.

    Transparency is laid on white, 16 bit scaled to 8, CMYK converted, of an animation the first frame is taken.
    Raises UserError (exit 3) for what isn't a picture, is damaged, smaller than 8 px or larger than max_pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                _check_size(path, picture.size, max_pixels)
                picture.load()
                return _to_rgb(ImageOps.exif_transpose(picture))
    except FileNotFoundError as error:
        raise UserError(f"{path} doesn't exist", "check the path", 3) from error
    except UnidentifiedImageError as error:
        raise UserError(f"{path} is not a picture", "remove it or convert it to PNG or JPEG", 3) from error
    except Image.DecompressionBombError as error:
        raise UserError(f"{path} is above the limit of {max_pixels / 1e6:g} MP", "scale it down", 3) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UserError(f"{path} is damaged ({error})", "replace or remove it", 3) from error


def _check_size(path: Path | str, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        limit = f"{max_pixels / 1e6:g} MP"
        raise UserError(f"{path} is {width}x{height} px, above the limit of {limit}", "scale it down", 3)
    if min(size) < MIN_SIDE:
        raise UserError(f"{path} is {width}x{height} px, below {MIN_SIDE} px a side", "remove or replace it", 3)


def _to_rgb(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        picture = _to_8_bit(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return picture.convert("RGB")


def _to_8_bit(picture: Image.Image) -> Image.Image:
    """16-bit integers span 0..65535, floats 0..1; converting them directly would clip."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture, dtype=np.float64)
    values = values / 257 if picture.mode.startswith("I") else values * 255
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))
