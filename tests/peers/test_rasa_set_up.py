"""Is Rasa set up from what is locked, where Python 3.10 can be had, and plainly refused where not?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

TOP = Path(__file__).resolve().parents[2]
SCRIPT = TOP / "peers/rasa/rasa.sh"
# stands for a Python with Rasa: tells its version, "trains" a model, and says what it was asked
STAND_IN = """#!/bin/sh
case "$*" in
  *metadata*) echo 3.6.21 ;;
  *"train nlu"*) echo "$*" >>asked; [ ! -f fail ] || { echo "no data" >&2; exit 3; }; : >models/xiaoer.tar.gz ;;
  *) echo "$*" >>asked ;;
esac
"""


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def program(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_without_python_310_set_up_says_so_in_one_line(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make is not None
    uv = program(tmp_path / "uv", "#!/bin/sh\necho 'no network' >&2\nexit 2\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command: list[str | Path] = [make, "-f", TOP / "Makefile", ".venv-rasa/bin/python", "RASA_PYTHON=", f"UV={uv}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=clean)
    assert run.returncode != 0
    assert run.stderr.splitlines()[0] == (
        "Rasa needs Python 3.10, which is not here and could not be fetched: make rasa RASA_PYTHON=…"
    )
    assert not (tmp_path / ".venv-rasa").exists()


def asked(folder: Path, task: str = "train") -> tuple[int, list[str], str]:
    """Run the script; its exit code, what Rasa was asked in all, and what was said."""
    python = program(folder / "python", STAND_IN)
    command: list[str | Path] = ["sh", SCRIPT, python, "config.yml", "data", "models", task]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = folder / "asked"
    return run.returncode, said.read_text(encoding="utf-8").splitlines() if said.exists() else [], run.stderr


def test_it_is_trained_again_only_where_something_changed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yml").write_text("language: zh\n", encoding="utf-8")
    code, _, said = asked(tmp_path)
    assert code == 1
    assert "xiaoer nlu export data" in said
    (tmp_path / "data/nlu.yml").write_text("nlu: []\n", encoding="utf-8")
    for _ in range(2):
        code, rasa, _ = asked(tmp_path)
        assert code == 0
        assert len(rasa) == 1
        assert rasa[0].startswith("-m rasa train nlu --nlu data/nlu.yml --config config.yml --out models")
    for name, count in (("data/nlu.yml", 2), ("config.yml", 3)):
        (tmp_path / name).write_text("# changed\n", encoding="utf-8")
        assert len(asked(tmp_path)[1]) == count
    code, rasa, _ = asked(tmp_path, "serve")
    assert code == 0
    assert rasa[-1] == "-m rasa run --enable-api --model models/xiaoer.tar.gz --interface 127.0.0.1 --port 5005"


def test_a_training_that_fails_says_why_and_is_not_taken_for_done(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/nlu.yml").write_text("nlu: []\n", encoding="utf-8")
    (tmp_path / "config.yml").touch()
    (tmp_path / "fail").touch()
    code, _, said = asked(tmp_path)
    assert code != 0
    assert "no data" in said
    (tmp_path / "fail").unlink()
    assert asked(tmp_path)[0] == 0


def test_the_lock_holds_the_rasa_we_speak_of() -> None:
    assert re.search(r"^rasa==3\.6\.21$", read("peers/rasa/requirements.in"), flags=re.MULTILINE)
    assert re.search(r"^rasa==3\.6\.21 ", read("requirements/rasa.lock"), flags=re.MULTILINE)
    assert re.search(r"^jieba==", read("requirements/rasa.lock"), flags=re.MULTILINE)
    assert "FROM python:3.10" in read("Dockerfile.rasa")


def test_the_pipeline_is_rasas_own_for_chinese() -> None:
    config = YAML(typ="safe", pure=True).load(read("peers/rasa/config.yml"))
    assert config["language"] == "zh"
    parts = {each["name"]: each for each in config["pipeline"]}
    assert {"JiebaTokenizer", "DIETClassifier", "EntitySynonymMapper", "FallbackClassifier"} <= parts.keys()
    for name in ("RegexFeaturizer", "RegexEntityExtractor"):
        assert parts[name]["use_word_boundaries"] is False, "Chinese has none"


def test_what_the_image_copies_reaches_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile.rasa"), flags=re.MULTILINE)
    allowed = set(re.findall(r"^!(\S+)", read("Dockerfile.rasa.dockerignore"), flags=re.MULTILINE))
    assert {name for line in copied for name in line.split()} == allowed
