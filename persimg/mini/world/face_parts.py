"""How a head is drawn: the eyes' line at y = 0, the skull's top at -26, the chin at 19 to 31 units; y points down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from persimg.mini.world.brush import INK, Brush, Colour, dark, luminance, mix
from persimg.mini.world.face import Face, Look, above, ageing, beard_amount, eye_colour, hair_colour, lerp, skin_colour

SKULL = -26.0
WHITE: Colour = (255, 255, 255)

_MOODS: dict[str | None, tuple[float, float, float, float]] = {
    None: (1.6, 0.0, 0.0, 1.0), "smiling": (5.0, 0.6, 0.0, 1.0), "sad": (-4.5, 0.5, 3.4, 0.9),
    "surprised": (0.0, 4.0, 0.0, 1.25), "angry": (-3.0, -1.8, -4.2, 0.85), "sleeping": (1.2, 0.0, 0.0, 0.0),
}  # fmt: skip
"""expression → rise of the mouth's corners, lift of the brows, lift of their inner ends (units), opening of the eyes"""


@dataclass(frozen=True)
class Plan:
    """Lengths (units) and colours of one head as it will be drawn; `shift` is how far the features stand to the right."""

    face: Face
    look: Look
    half: float
    chin: float
    shift: float
    turn: float
    eye_x: float
    eye_rx: float
    eye_ry: float
    nose_y: float
    nose_half: float
    mouth_y: float
    mouth_half: float
    curve: float
    skin: Colour
    hair: Colour
    brow: Colour
    old: float
    covered: bool

    def eye(self, side: int) -> tuple[float, float]:
        """Centre and half width of an eye; the farther one is narrower."""
        return self.shift + side * self.eye_x, self.eye_rx * (1 - 0.14 * max(0.0, side * self.turn))


def plan(face: Face, look: Look, turn: float) -> Plan:
    half, chin = lerp(18, 26.5, face.width), lerp(19.5, 32, face.length)
    rx = lerp(3.2, 7.6, face.eye_size)
    curve, _, _, opening = _MOODS[look.expression]
    nose_y = lerp(4, 13, face.nose_length)
    mouth = lerp(4, 13, face.mouth_width)
    hair = hair_colour(face, look)
    return Plan(
        face, look, half, chin, 3 * turn, turn,
        eye_x=max(min(half * lerp(0.34, 0.64, face.eye_distance), half - rx - 1.5), rx + 1), eye_rx=rx,
        eye_ry=rx * lerp(0.46, 1.16, face.eye_shape) * opening,
        nose_y=nose_y, nose_half=lerp(2.2, 9.5, face.nose_width),
        mouth_y=nose_y + (chin - nose_y) * 0.46,
        mouth_half=mouth * {"smiling": 1.12, "surprised": 0.62}.get(look.expression or "", 1), curve=curve,
        skin=skin_colour(face), hair=hair, brow=dark(hair, 0.3 if luminance(hair) > 90 else 0.1),
        old=ageing(face, look), covered=look.accessory in ("hat", "crown", "cap", "helmet"),
    )  # fmt: skip


def band(b: Brush, points: list[tuple[float, float]], width: float, colour: Colour, detail: bool = True) -> None:
    """A round-ended line of some width along two points, or along the Bézier curve of three or four."""
    line, path = skia.Path(), skia.Path()
    line.moveTo(*points[0])
    flat = [c for point in points[1:] for c in point]
    {2: line.lineTo, 4: line.quadTo, 6: line.cubicTo}[len(flat)](*flat)
    skia.Paint(Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeCap=skia.Paint.kRound_Cap).getFillPath(line, path)
    b.path(path, colour, detail)


def _skull(p: Plan) -> skia.Path:
    """The contour of the face."""
    w, chin = p.half, p.chin
    side, low = w * lerp(0.06, 0.98, p.face.jaw), lerp(0.42, 0.94, p.face.jaw) * chin
    path = skia.Path()
    path.moveTo(0, SKULL)
    path.cubicTo(w * 0.62, SKULL, w, -16, w, -3)
    path.cubicTo(w, low, side, chin, 0, chin)
    path.cubicTo(-side, chin, -w, low, -w, -3)
    path.cubicTo(-w, -16, -w * 0.62, SKULL, 0, SKULL)
    return path


def _hair_top(p: Plan) -> float:
    return SKULL - (0.5 if p.covered else lerp(1, 12, p.face.hair_volume) * min(1, 0.25 + 2.5 * p.face.hair_length))


def _hair_half(p: Plan) -> float:
    return p.half + lerp(1.2, 5, p.face.hair_volume) * min(1, 0.2 + 2 * p.face.hair_length)


def _bumps(points: list[tuple[float, float]], height: float) -> list[tuple[float, float]]:
    """The same line with round bumps to its left, one each 8 units."""
    if height < 0.4:
        return points
    out, way = [], 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        length = math.hypot(x1 - x0, y1 - y0) or 1e-6
        steps = max(1, round(length / 2))
        for k in range(steps):
            bump = height * abs(math.sin(math.pi * (way + length * k / steps) / 8))
            nx, ny = (y1 - y0) / length * bump, -(x1 - x0) / length * bump
            out.append((x0 + (x1 - x0) * k / steps + nx, y0 + (y1 - y0) * k / steps + ny))
        way += length
    return [*out, points[-1]]


_ARC = [(-math.cos(math.pi * k / 12), math.sin(math.pi * k / 12)) for k in range(13)]


def back_hair(b: Brush, p: Plan) -> None:
    """Hair behind the head, down to its length, parted below the neck so that it falls on both shoulders."""
    if p.face.hair_length < 0.06:
        return
    half, top, end = _hair_half(p), _hair_top(p), lerp(-12, 46, p.face.hair_length)
    arc = [(half * c, -4 + (top + 4) * s) for c, s in _ARC]
    flare = half + above(p.face.hair_length, 0.3) * 5
    outer = [(-flare + 3, end), *([(-half - 1, end * 0.4)] if end > 12 else []), *arc]
    outer += [*([(half + 1, end * 0.4)] if end > 12 else []), (flare - 3, end)]
    inner = [(9, end + 2), (7, 24), (-7, 24), (-9, end + 2)] if end > 24 else [(0, end + 2)]
    points = [*_bumps(outer, 5 * p.face.hair_curl), *inner]
    b.poly(points, dark(p.hair, 0.22))
    if b.style == "outline":
        b.poly(points, dark(p.hair, 0.22), detail=True)


def front_hair(b: Brush, p: Plan) -> None:
    """Hair over the forehead, from the crown to the hairline."""
    if p.face.hair_length < 0.06:
        return
    half, top, w = _hair_half(p), _hair_top(p), p.half + 0.6
    temple, line = lerp(-12, 5, min(1, 1.6 * p.face.hair_length)), lerp(-24, -9, p.face.fringe)
    part, notch = lerp(-0.62, 0.62, p.face.parting) * w + 0.5 * p.shift, lerp(7, 1, p.face.fringe)
    path = skia.Path()
    path.moveTo(-w, temple)
    points = _bumps([(half * c, -4 + (top + 4) * s) for c, s in _ARC], 3.5 * p.face.hair_curl)
    for x, y in points:
        path.lineTo(x, y)
    path.lineTo(w, temple)
    _hairline(path, (w, temple), (part, max(line - notch, SKULL + 1)), line, p.face.hair_curl)
    _hairline(path, (part, max(line - notch, SKULL + 1)), (-w, temple), line, p.face.hair_curl)
    b.path(path, p.hair, detail=True)
    band(b, [(part, line - notch), (part * 0.8, lerp(line, top, 0.8))], 1.5, dark(p.hair, 0.35))


def _hairline(path: skia.Path, start: tuple[float, float], end: tuple[float, float], line: float, curl: float) -> None:
    """From the temple to the parting or back, bulging down to `line`; curls make it wavy."""
    mid = (start[0] * 0.72 + end[0] * 0.28, line + 3) if abs(start[0]) > abs(end[0]) else (end[0] * 0.72 + start[0] * 0.28, line + 3)
    if curl < 0.3:
        path.quadTo(*mid, *end)
        return
    points = [_quad(start, mid, end, k / 8) for k in range(9)]
    for x, y in _bumps(points, -2.4 * curl):
        path.lineTo(x, y)


def _quad(a: tuple[float, float], m: tuple[float, float], z: tuple[float, float], t: float) -> tuple[float, float]:
    u = 1 - t
    return u * u * a[0] + 2 * u * t * m[0] + t * t * z[0], u * u * a[1] + 2 * u * t * m[1] + t * t * z[1]


def ears(b: Brush, p: Plan) -> None:
    rx, ry = lerp(2.4, 6.5, p.face.ears), lerp(3.6, 9, p.face.ears)
    for side in (-1, 1):
        x, wide = side * (p.half + rx * 0.35), rx * (1 - 0.3 * max(0.0, side * p.turn))
        b.oval(x, 3, wide, ry, dark(p.skin, 0.06))
        b.oval(x, 3.5, wide * 0.5, ry * 0.55, dark(p.skin, 0.28), detail=True)


def head(b: Brush, p: Plan) -> None:
    b.path(_skull(p), p.skin)
    if p.face.cheeks > 0.05:
        rosy = mix(p.skin, (236, 84, 84), 0.62 * max(p.face.cheeks, 0.7 * bool(p.look.make_up)))
        for side in (-1, 1):
            b.oval(p.shift + side * p.half * 0.52, lerp(p.nose_y, p.mouth_y, 0.45), 5, 3.8, rosy, detail=True)


_FRECKLES = (
    (-13, 6), (13, 6.5), (-9, 10), (9, 9.5), (-16, 10), (16, 10.5), (-12.5, 13), (12.5, 13), (-5, 7), (5, 7.5), (0, -1.5), (-8, 4), (8, 4),
)  # fmt: skip


def freckles(b: Brush, p: Plan) -> None:
    amount = above(p.face.freckles, 0.35)
    if not amount:
        return
    path, radius = skia.Path(), lerp(0.8, 1.45, amount)
    for x, y in _FRECKLES[: 4 + round(9 * amount)]:
        x = p.shift + x * p.half / 22
        path.addOval(skia.Rect(x - radius, y - radius, x + radius, y + radius))
    tone = (128, 58, 26) if luminance(p.skin) > 110 else (40, 18, 12)
    b.path(path, mix(p.skin, tone, lerp(0.45, 0.8, amount)), detail=True)


def eyes(b: Brush, p: Plan) -> None:
    for side in (-1, 1):
        x, rx = p.eye(side)
        with b.placed(x, 0, 1, -side * lerp(-20, 20, p.face.eye_slant)):
            if p.look.make_up:
                b.oval(0, -p.eye_ry * 0.5 - 1, rx + 1.6, p.eye_ry * 0.6 + 2.2, (126, 84, 200), detail=True)
            _eye(b, p, side, rx)


def _eye(b: Brush, p: Plan, side: int, rx: float) -> None:
    ry, lash = p.eye_ry, max(p.face.lashes, float(bool(p.look.make_up)))
    lid = lerp(1.1, 2.1, lash)
    if ry < 0.5:
        band(b, [(-rx, 0), (0, 4), (rx, 0)], lid + 0.4, INK)
    else:
        b.oval(0, 0, rx, ry, WHITE, detail=True)
        size = min(rx, 0.5 * (rx + ry)) * 0.74
        look = 0.12 * p.shift
        b.oval(look, 0, size, min(size, ry), eye_colour(p.face), detail=True)
        b.oval(look, 0, size * 0.5, min(size * 0.5, ry), INK, detail=True)
        b.oval(look + size * 0.35, -min(size, ry) * 0.35, size * 0.26, size * 0.26, WHITE, detail=True)
        band(b, [(-rx, -ry * 0.15), (-rx * 0.6, -ry * 1.25), (rx * 0.6, -ry * 1.25), (rx, -ry * 0.15)], lid, INK)
    if lash > 0.3:
        reach, drop = lerp(0.5, 4.2, above(lash, 0.3)), 1 if ry < 0.5 else -1
        band(b, [(side * rx, -0.1 * ry), (side * (rx + reach), (-0.25 * ry - 0.5 * reach) if drop < 0 else 0.5 * reach)], lid, INK)


def brows(b: Brush, p: Plan) -> None:
    _, lift, inner_lift, _ = _MOODS[p.look.expression]
    y = -max(p.eye_ry, 0.5 * p.eye_rx) - lerp(3, 8.5, p.face.brow_height) - lift
    thick, slope = lerp(1.3, 5, p.face.brow_thickness), lerp(-4.5, 4.5, p.face.brow_tilt)
    for side in (-1, 1):
        x, rx = p.eye(side)
        inner, outer = x - side * rx * 0.95, side * min(side * x + rx + 1.6, p.half - 0.5)
        band(b, [(inner, y - inner_lift + slope * 0.5), (x, y - 2), (outer, y - slope * 0.5 + inner_lift * 0.3)], thick, p.brow)


def nose(b: Brush, p: Plan) -> None:
    x, y, n = p.shift * 1.35, p.nose_y, p.nose_half
    path = skia.Path()
    path.moveTo(x - 1.1, 1.5)
    path.cubicTo(x - 1.4, y - 5, x - n, y - 3.5, x - n, y - 0.6)
    path.cubicTo(x - n, y + 2.2, x + n, y + 2.2, x + n, y - 0.6)
    path.cubicTo(x + n, y - 3.5, x + 1.4, y - 5, x + 1.1, 1.5)
    b.path(path, mix(p.skin, (188, 62, 40), 0.3) if luminance(p.skin) > 110 else mix(p.skin, (230, 130, 90), 0.26), detail=True)
    for side in (-1, 1):
        b.oval(x + side * n * 0.45, y, 0.8 + 0.07 * n, 0.7, dark(p.skin, 0.62), detail=True)


def _lens(x: float, half: float, ends: float, high: float, low: float) -> skia.Path:
    """A lens between two corners, through `high` and `low` on its middle line."""
    path = skia.Path()
    path.moveTo(x - half, ends)
    path.quadTo(x, 2 * high - ends, x + half, ends)
    path.quadTo(x, 2 * low - ends, x - half, ends)
    return path


def mouth(b: Brush, p: Plan) -> None:
    x, y, half, curve = p.shift * 1.1, p.mouth_y, p.mouth_half, p.curve
    full, lip = lerp(0.7, 3.6, p.face.lips), _lip_colour(p)
    ends, mid = y - curve * 0.5, y + curve * 0.5
    if p.look.expression == "surprised":
        b.oval(x, y + 1, half + full * 0.5, 4.5 + full * 0.6, lip, detail=True)
        b.oval(x, y + 1, half - 0.5, 4, (92, 22, 34), detail=True)
    elif p.look.expression == "smiling":
        b.path(_lens(x, half + 1, ends, mid - full, mid + 3.4 + full), lip, detail=True)
        b.path(_lens(x, half - 0.4, ends + 0.4, mid - 0.3, mid + 3.4), WHITE, detail=True)
    else:
        b.path(_lens(x, half + 0.5, ends, mid - full, mid + full * 1.25), lip, detail=True)
        band(b, [(x - half, ends), (x, 2 * mid - ends), (x + half, ends)], 1.3, dark(lip, 0.55))


def _lip_colour(p: Plan) -> Colour:
    if p.look.make_up:
        return (206, 22, 62)
    return mix(p.skin, (176, 38, 54), 0.62) if luminance(p.skin) > 110 else mix(p.skin, (226, 100, 110), 0.66)


def beard(b: Brush, p: Plan) -> None:
    amount = beard_amount(p.face, p.look)
    if not amount:
        return
    w, chin, top = p.half, p.chin + lerp(0, 9, amount), p.nose_y + 2
    side, low = w * lerp(0.2, 0.98, p.face.jaw), lerp(0.5, 0.96, p.face.jaw) * chin
    path = skia.Path()
    path.moveTo(-w, 1)
    path.cubicTo(-w, low, -side, chin, 0, chin)
    path.cubicTo(side, chin, w, low, w, 1)
    path.cubicTo(w * 0.94, top + 4, w * 0.55, top + 3, p.shift + p.mouth_half * 0.5, top)
    path.lineTo(p.shift, top + 0.8)
    path.lineTo(p.shift - p.mouth_half * 0.5, top)
    path.cubicTo(-w * 0.55, top + 3, -w * 0.94, top + 4, -w, 1)
    b.path(path, mix(p.skin, p.brow, min(1, 0.3 + 1.6 * amount)), detail=True)


def wrinkles(b: Brush, p: Plan) -> None:
    if p.old < 0.05:
        return
    tone, x = mix(p.skin, dark(p.skin, 0.45), min(1, 0.45 + 0.6 * p.old)), p.shift
    for y, wide in ((-15.5, 8), (-19.5, 6)):
        band(b, [(x - wide, y), (x, y - 1.5), (x + wide, y)], 1.2, tone)
    for side in (-1, 1):
        eye, rx = p.eye(side)
        band(b, [(eye - rx * 0.7, p.eye_ry + 2.2), (eye, p.eye_ry + 4), (eye + rx * 0.8, p.eye_ry + 1.8)], 1.2, tone)
        nose, corner = x + side * (p.nose_half + 1.2), x + side * (p.mouth_half + 2.4)
        band(b, [(nose, p.nose_y - 1), (corner, p.mouth_y - 3), (corner, p.mouth_y + 2)], 1.3, tone)
