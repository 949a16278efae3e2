"""A folder of pictures: checked, with captions and masks from the files beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

    from persimg.faces.cut import Cut

MASK_SUFFIX = ".mask.png"


@dataclass(frozen=True)
class Picture:
    """size: (width, height) px, after EXIF turning; caption from NAME.txt; mask from NAME.mask.png, white is the subject.

    cut: what of it is learned, where that isn't all; size is then of the cut.
    """

    path: Path
    digest: str
    size: tuple[int, int]
    caption: str | None = None
    mask_path: Path | None = None
    cut: Cut | None = None


def read_pictures(folder: Path | str, max_pixels: int = files.MAX_PIXELS) -> tuple[Picture, ...]:
    """Every picture of a folder, by file name; each is opened once, so that what can't be used is refused early.

    Raises UserError (exit 3) for an empty folder and for any file named like a picture that isn't a usable one.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"--pictures {folder} is not a folder", "name a folder with pictures of one subject")
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in files.PICTURE_SUFFIXES and not p.name.endswith(MASK_SUFFIX))
    if not found:
        raise UserError(f"--pictures {folder} holds no pictures", "put 3 to 20 pictures of one subject there", 3)
    return tuple(_read(path, max_pixels) for path in found)


def read_people(folder: Path | str) -> dict[str, tuple[Picture, ...]]:
    """Subfolder → its pictures, by name: a person each; empty where the folder has pictures itself.

    Raises UserError (exit 3) as read_pictures does, and for subfolders without pictures.
    """
    folder = Path(folder)
    if not folder.is_dir() or any(p.suffix.lower() in files.PICTURE_SUFFIXES for p in folder.iterdir()):
        return {}
    return {p.name: read_pictures(p) for p in sorted(folder.iterdir()) if p.is_dir() and not p.name.startswith(".")}


def _read(path: Path, max_pixels: int) -> Picture:
    picture = files.open_picture(path, max_pixels)
    caption, mask = path.with_suffix(".txt"), path.with_name(path.stem + MASK_SUFFIX)
    text = " ".join(caption.read_text(encoding="utf-8").split()) if caption.exists() else None
    if mask.exists() and files.open_picture(mask).size != picture.size:
        raise UserError(f"{mask} has another size than {path.name}", "draw the mask on the picture itself", 3)
    return Picture(path, files.digest_file(path), picture.size, text or None, mask if mask.exists() else None)


def cut(picture: Picture, part: Cut) -> Picture:
    """A picture of which a part is learned, with its mask, which is cut alike.

    Raises UserError (exit 3) where the mask has nothing in the part.
    """
    found = replace(picture, size=(part.side, part.side), cut=part)
    if picture.mask_path and not opened_mask(found).getbbox():
        raise UserError(f"{picture.mask_path} leaves nothing of the face that is learned", "draw the mask over that face, or choose another face", 3)
    return found


def opened(picture: Picture) -> Image.Image:
    """What of a picture is learned, RGB; beyond the bounds of a cut they are repeated."""
    whole = files.open_picture(picture.path)
    return picture.cut.of(whole) if picture.cut else whole


def noted(picture: Picture) -> dict[str, Any]:
    """What a run writes down of a picture, as JSON: where it is, its digest, and what is cut out of it."""
    return {"path": str(picture.path.resolve()), "digest": picture.digest, **({"cut": asdict(picture.cut)} if picture.cut else {})}


def reopened(entry: Mapping[str, Any]) -> Image.Image | None:
    """What was learned of a picture that was noted; None where it is gone or was changed."""
    from persimg.faces.cut import Cut

    path, part = Path(entry["path"]), entry.get("cut")
    if not path.is_file() or files.digest_file(path) != entry["digest"]:
        return None
    whole = files.open_picture(path)
    return Cut(tuple(part["bounds"]), tuple(part["quad"]), part["side"]).of(whole) if part else whole


def opened_mask(picture: Picture) -> Image.Image:
    """The mask beside a picture, RGB, cut as the picture is."""
    assert picture.mask_path
    whole = files.open_picture(picture.mask_path)
    return picture.cut.of(whole, "constant") if picture.cut else whole


def area(picture: Picture) -> Image.Image:
    """White where `opened` shows the picture, black where a cut lies beyond its bounds."""
    from PIL import Image

    if not picture.cut:
        return Image.new("RGB", picture.size, "white")
    return picture.cut.of(Image.new("RGB", picture.cut.bounds[2:], "white"), "constant")


def buckets(size: int, step: int) -> list[tuple[int, int]]:
    """(width, height) of about size x size px in aspects from 1:2 to 2:1, sides multiples of step."""
    found = {(size, size)}
    for width in range(size // 2 // step * step, 2 * size + 1, step):
        height = round(size * size / width / step) * step
        if 0.5 <= width / max(height, 1) <= 2:
            found.add((width, height))
    return sorted(found)


def target_size(picture: Picture, fit: str, size: int, step: int) -> tuple[int, int]:
    """(width, height) at which a picture is learned."""
    if fit != "bucket":
        return size, size
    aspect = picture.size[0] / picture.size[1]
    return min(buckets(size, step), key=lambda b: abs(b[0] / b[1] - aspect))


def fitted(image: Image.Image, size: tuple[int, int], fit: str, fill: str = "white") -> Image.Image:
    """pad: the whole picture on white; crop and bucket: scaled to cover, the middle kept."""
    from PIL import Image, ImageOps

    if fit == "pad":
        return ImageOps.pad(image, size, Image.Resampling.LANCZOS, color=fill)
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def contact_sheet(images: list[Image.Image], columns: int = 6) -> Image.Image:
    """All pictures in a grid of the largest one's size."""
    from PIL import Image

    width, height = (max(i.size[axis] for i in images) for axis in (0, 1))
    columns = min(columns, len(images))
    sheet = Image.new("RGB", (columns * width, -(-len(images) // columns) * height), "white")
    for n, image in enumerate(images):
        sheet.paste(image, (n % columns * width, n // columns * height))
    return sheet
