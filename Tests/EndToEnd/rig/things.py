"""Things of known colours that a camera shows at known places, and a model that finds them."""

import hashlib
import json
import shutil
import time
from importlib import util
from pathlib import Path

# A network that marks what is red and what is blue in pictures, made by the script beside it.
MODEL = Path(__file__).parents[2] / "VisionKitTests" / "Fixtures" / "blobs.onnx"


def at(counter: int) -> list[tuple[tuple[int, int, int, int], int, int, int]]:
    """The boxes of a picture of 640×360 as left, top, right and bottom, with their luma and chroma."""
    step = abs(counter * 4 % 320 - 160)
    return [((40 + step, 60, 110 + step, 180), 63, 102, 240), ((540 - step, 200, 620 - step, 280), 32, 240, 118)]


LABELS = ["red thing", "blue thing"]


def install(data_dir: Path, model: Path = MODEL) -> None:
    """Puts ONNX Runtime and a model where the server has them, before it is started."""
    library = next((Path(util.find_spec("onnxruntime").origin).parent / "capi").glob("libonnxruntime.so.*"))
    for source, folder, name in (
        (library, "onnxruntime", library.name), (model, "models/things", "model.onnx"),
    ):  # fmt: skip
        place = data_dir / "runtime" / "vision" / folder
        place.mkdir(parents=True)
        for parent in [place, *place.parents][:4]:
            parent.chmod(0o700)
        shutil.copyfile(source, place / name)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        note = {
            "id": place.name, "file": name, "bytes": source.stat().st_size, "sha256": digest,
            "installed_at_unix": time.time(),
        }  # fmt: skip
        if source is library:
            note["download_sha256"] = digest
        (place / "installed.json").write_text(json.dumps(note))
