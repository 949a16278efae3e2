"""Two packages, of which one lies in a folder of another name; all else is in pyproject.toml."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["persimg", "persimg.*"]), "persimg_demo"], package_dir={"persimg_demo": "demo"})
