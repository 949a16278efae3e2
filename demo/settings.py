"""What the host of a demo decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Of one user, unless it says otherwise."""

    upload_mb: int = 20
    """of one file"""
    concept_mb: int = 200
    """of a concept's file that is brought"""
    megapixels: int = 40
    pictures: int = 30
    """to teach from"""
    side: int = 1024
    """px that pictures to teach from are scaled down to"""
    draw: int = 8
    """pictures a request"""
    cells: int = 36
    """pictures of a grid"""
    steps: int = 60
    """denoising steps"""
    prompt: int = 1000
    """characters"""
    teach_steps: int = 5000
    kept: int = 400
    """pictures that are kept; older ones go"""
    concepts: int = 60
    waiting: int = 64
    """requests of all users together"""
    hours: float = 6.0
    """that temporary files stay, and what programs without a key draw"""
    trash_days: float = 30.0
    """that a deleted concept can be taken back"""


@dataclass(frozen=True)
class Settings:
    """data: where users' things lie; login: a file of names and password hashes; public: no teaching, concepts for use alone."""

    data: Path
    base: str = "mini"
    device: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    login: Path | None = None
    public: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def largest_upload_mb(self) -> int:
        """What is taken in at all; what a file may be used for has limits of its own."""
        return self.limits.upload_mb if self.public else max(self.limits.upload_mb, self.limits.concept_mb)
