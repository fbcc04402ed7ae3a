"""Set up and go, with nothing but Python 3.11 or newer.

    python3 go.py demo [options]     score and explain a synthetic county (options: python3 go.py demo --help)
    python3 go.py test [options]     run the tests (options go to pytest: -k snapshot)
    python3 go.py check              lint, format, types and spelling, as the continuous integration does
    python3 go.py run COMMAND ...    any command of the environment: run fanpin-risk score --help

The first call makes the environment .venv beside this file and installs the packages that constraints/ pins by
version and hash; later calls do so again only when something changed. On Windows write: py go.py demo
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "fanpin-risk.json"
OLDEST = (3, 11)
# Tried, in this order, when started with an older one.
PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")

# demo needs what the program needs; the others also the tools of development and the sources in place.
CONSTRAINTS = {"run": ROOT / "constraints" / "run.txt", "dev": ROOT / "constraints" / "dev.txt"}

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("codespell_lib", "."),
)


class SetUpError(Exception):
    """What went wrong and what to do about it."""


def say(text):
    print(f"go.py: {text}", file=sys.stderr, flush=True)


def call(*command, cwd=None, env=None, quiet=False):
    """Run a command and return its exit code."""
    output = subprocess.DEVNULL if quiet else None
    command = [str(part) for part in command]
    try:
        return subprocess.run(command, cwd=cwd, env=env, stdout=output, stderr=output, check=False).returncode
    except OSError as error:
        if not quiet:
            say(f"cannot start {command[0]}: {error.strerror}")
        return 127


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def digest(kind):
    """Fingerprint of all that decides what is installed.

    `kind` "dev" installs the sources in place, so only "run" depends on their content.
    """
    files = [CONSTRAINTS[kind], ROOT / "pyproject.toml"]
    if kind == "run":
        sources = (ROOT / "src").rglob("*")
        files += sorted(path for path in sources if path.is_file() and "__pycache__" not in path.parts)
    total = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        total.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def read_stamp():
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_stamp(kind, value):
    stamp = {"root": str(ROOT), "kind": kind, "digest": value}
    STAMP.write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def make_venv():
    """Make the environment unless a working one is there."""
    if (VENV / "pyvenv.cfg").exists():
        recent = f"import sys; sys.exit(sys.version_info < {OLDEST})"
        moved = read_stamp().get("root", str(ROOT)) != str(ROOT)
        if not moved and call(venv_python(), "-c", recent, quiet=True) == 0:
            return
        say("the environment .venv is not usable any more (moved, or its Python is gone or too old): making it anew")
        shutil.rmtree(VENV)
    elif VENV.exists():
        raise SetUpError(f"{VENV} exists but is no Python environment; move it away and start again")
    say(f"making the environment {VENV}")
    if call(sys.executable, "-m", "venv", "--without-pip", VENV) != 0:
        raise SetUpError(
            "this Python cannot make environments: its module venv is missing or failed (see above). "
            "On Debian and Ubuntu: sudo apt install python3-venv"
        )


def find_pip():
    """Return the command that installs into the environment: its own pip, or else this Python's."""
    python = venv_python()
    if call(python, "-m", "pip", "--version", quiet=True) == 0:
        return [python, "-m", "pip"]
    if call(python, "-m", "ensurepip", "--upgrade", quiet=True) == 0:
        return [python, "-m", "pip"]
    if call(sys.executable, "-m", "pip", "--python", python, "--version", quiet=True) == 0:
        return [sys.executable, "-m", "pip", "--python", python]
    raise SetUpError(
        "this Python comes without pip and without ensurepip. On Debian and Ubuntu: sudo apt install python3-venv; "
        "elsewhere install Python from python.org. Then start again"
    )


def install(kind):
    pip = [*find_pip(), "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    say(f"installing the packages pinned in constraints/{CONSTRAINTS[kind].name} (once; some minutes on a slow line)")
    pinned = ["--require-hashes", "--only-binary", ":all:", "-r", CONSTRAINTS[kind]]
    if call(*pip, *pinned, cwd=ROOT) != 0:
        raise SetUpError(
            "the packages could not be installed (see above). They are there for 64-bit CPython 3.11 to 3.14 on "
            "Linux (glibc), macOS (with Intel to 3.13) and Windows, and need a connection to the package index that pip "
            "is set up for; a proxy goes into HTTPS_PROXY"
        )
    say("installing fanpin-risk")
    project = ["--editable", ROOT] if kind == "dev" else ["--force-reinstall", ROOT]
    if call(*pip, "--quiet", "--no-build-isolation", *project, cwd=ROOT) != 0:
        raise SetUpError("fanpin-risk itself could not be installed (see above)")


def set_up(kind):
    """Bring the environment up to date; an environment for development stays one, as it can do all that "run" can."""
    make_venv()
    stamp = read_stamp()
    if stamp.get("kind") == "dev":
        kind = "dev"
    wanted = digest(kind)
    if (stamp.get("kind"), stamp.get("digest")) == (kind, wanted):
        return
    write_stamp(kind, "")  # a set-up that is cut short is done again
    install(kind)
    write_stamp(kind, wanted)


def environment():
    """Return the variables for what runs inside: the environment's commands come first."""
    env = dict(os.environ)
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(venv_python().parent), env.get("PATH", "")])
    return env


def demo(arguments):
    set_up("run")
    return call(venv_python(), "-m", "fanpin_risk", "demo", *arguments, env=environment())


def test(arguments):
    set_up("dev")
    env = environment()
    # The test processes share the cores; threads inside each of them would only get in each other's way.
    env.setdefault("OMP_NUM_THREADS", "1")
    return call(venv_python(), "-m", "pytest", *arguments, cwd=ROOT, env=env)


def check(arguments):
    if arguments:
        raise SetUpError("check takes no options; for one tool alone: python3 go.py run ruff check --fix")
    set_up("dev")
    failed = []
    for module, *options in CHECKS:
        name = " ".join([module.replace("codespell_lib", "codespell"), *options])
        say(name)
        if call(venv_python(), "-m", module, *options, cwd=ROOT, env=environment()) != 0:
            failed.append(name)
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(arguments):
    if not arguments:
        raise SetUpError("run needs a command, for example: python3 go.py run fanpin-risk --help")
    set_up("run" if arguments[0] == "fanpin-risk" else "dev")
    env = environment()
    command = shutil.which(arguments[0], path=env["PATH"])
    if command is None:
        raise SetUpError(f"no command {arguments[0]!r} in the environment")
    return call(command, *arguments[1:], env=env)


COMMANDS = {"demo": demo, "test": test, "check": check, "run": run}


def with_newer_python(arguments):
    """Start again with a Python that is new enough, or say where to get one."""
    for name in PYTHONS:
        path = shutil.which(name)
        if path is not None and call(path, "--version", quiet=True) == 0:
            return call(path, Path(__file__).resolve(), *arguments)
    found, needed = sys.version.split()[0], ".".join(map(str, OLDEST))
    raise SetUpError(f"this is Python {found}; {needed} or newer is needed: https://www.python.org/downloads/")


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    try:
        if arguments[0] not in COMMANDS:
            raise SetUpError(f"unknown command {arguments[0]!r}; there are: {', '.join(COMMANDS)}")
        if sys.version_info < OLDEST:
            return with_newer_python(arguments)
        return COMMANDS[arguments[0]](arguments[1:])
    except SetUpError as error:
        say(error)
        return 2
    except KeyboardInterrupt:
        say("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
