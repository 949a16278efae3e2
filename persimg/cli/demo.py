"""persimg demo: the toolkit as a web page. The page is a package of its own, found through an entry point."""

from __future__ import annotations

import argparse
import importlib.util
from importlib import metadata
from pathlib import Path
from typing import Any

from persimg.errors import UserError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help="the toolkit as a web page, for who will never open a terminal")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine alone); 0.0.0.0 for all")
    parser.add_argument("--port", type=int, default=7860, help="port (default 7860)")
    parser.add_argument("--base", default="mini", help="mini (embedded, the default), a folder, a .safetensors checkpoint or a hub id")
    parser.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda if there is one)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where users' things are kept (default: PERSIMG_HOME/demo)")
    parser.add_argument("--login", type=Path, metavar="FILE", help="only who is in this file may enter")
    parser.add_argument("--add-user", metavar="NAME", help="add NAME to the file of --login, asking for a password, and stop")
    parser.add_argument("--public", action="store_true", help="for strangers: no teaching, no files to bring or to take along")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    found = metadata.entry_points(group="persimg.demo", name="run")
    if not found or importlib.util.find_spec("gradio") is None:
        raise UserError("the demo isn't installed", "pip install 'persimg[demo]'")
    start = next(iter(found)).load()
    return start(args.base, args.device, args.host, args.port, args.data, args.login, args.add_user, args.public)
