"""A throw-away PostgreSQL server behind a socket in a temporary folder; it listens on no port."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings

import pytest


def program(name):
    """The newest one that is installed, or None."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: float(path.split("/")[4]))
    return found[-1] if found else shutil.which(name)


@contextlib.contextmanager
def running():
    """Give a function that makes an empty database and gives its URL; skip the test where there is no PostgreSQL."""
    if not program("initdb") or not program("pg_ctl"):
        warnings.warn("PostgreSQL isn't installed: the store is tested with SQLite alone", stacklevel=2)
        pytest.skip("PostgreSQL isn't installed (apt-get install postgresql)")
    folder = tempfile.mkdtemp(prefix="persimg-pg-")
    run_as = {"cwd": folder, "stdout": subprocess.DEVNULL, **_unprivileged(folder)}
    start = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories={folder}"
    control = [program("pg_ctl"), "-D", f"{folder}/data", "-w"]
    try:
        init = [program("initdb"), "-D", f"{folder}/data", "-U", "persimg", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        subprocess.run(init, check=True, **run_as)
        subprocess.run([*control, "-l", f"{folder}/log", "-o", start, "start"], check=True, **run_as)
        yield lambda: _new_database(folder)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **run_as)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder):
    """initdb refuses root: somebody else then, who owns the folder."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _new_database(folder):
    import psycopg

    with psycopg.connect(host=folder, user="persimg", dbname="postgres", autocommit=True) as connection:
        number = connection.execute("SELECT count(*) FROM pg_database").fetchone()[0]
        connection.execute(f"CREATE DATABASE test{number}")
    return f"postgresql://persimg@/test{number}?host={folder}"
