"""Colours as (red, green, blue), 0..255, and what drawing styles, daylight and moods do to them."""

from __future__ import annotations

Colour = tuple[int, int, int]
PAPER: Colour = (250, 247, 240)
CREAM: Colour = (255, 250, 236)
INK: Colour = (30, 28, 34)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """a + share * (b - a), per channel."""
    return tuple(round(x + share * (y - x)) for x, y in zip(a, b))  # type: ignore[return-value]


def dark(colour: Colour, share: float = 0.35) -> Colour:
    return mix(colour, (0, 0, 0), share)


def light(colour: Colour, share: float = 0.55) -> Colour:
    return mix(colour, (255, 255, 255), share)


def luminance(colour: Colour) -> float:
    """0..255, Rec. 601."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def saturated(colour: Colour, factor: float) -> Colour:
    """Away from its own gray by a factor; below 1 towards it."""
    gray = luminance(colour)
    return tuple(round(min(255, max(0, gray + factor * (x - gray)))) for x in colour)  # type: ignore[return-value]


def scaled(colour: Colour, factor: float, lift: float = 0) -> Colour:
    return tuple(round(min(255, max(0, x * factor + lift))) for x in colour)  # type: ignore[return-value]


def in_time(colour: Colour, time: str, place: bool) -> Colour:
    """The colour at a time of day; places change more than what stands in them."""
    if time == "night":
        return mix(colour, (10, 12, 58), 0.62 if place else 0.3)
    if time == "sunset":
        return mix(colour, (206, 62, 84) if place else (240, 110, 60), 0.5 if place else 0.14)
    if time == "morning":
        return mix(colour, (255, 206, 196) if place else (255, 220, 200), 0.5 if place else 0.12)
    return colour


def in_mood(colour: Colour, mood: str | None, place: bool) -> Colour:
    """The colour in a mood."""
    if mood == "warm":
        return mix(colour, (255, 176, 40), 0.42 if place else 0.14)
    if mood == "cold":
        return mix(colour, (70, 150, 240), 0.42 if place else 0.14)
    if mood == "dark":
        return scaled(colour, 0.48 if place else 0.7)
    if mood == "bright":
        return scaled(colour, 1.06, 16) if place else scaled(colour, 1.06, 14)
    if mood == "muted":
        gray = round(0.45 * luminance(colour) + 80)
        return mix(colour, (gray, gray, gray - 6), 0.78 if place else 0.42)
    if mood == "cheerful":
        return saturated(colour, 1.7 if place else 1.3)
    return colour
