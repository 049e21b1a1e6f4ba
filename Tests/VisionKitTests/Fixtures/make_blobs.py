"""Writes blobs.onnx: a network with YOLOX's input and output that marks red and blue things.

Needs the PyPI packages onnx, onnxruntime and numpy. Nothing in it is learnt. Each cell of the coarsest grid (stride 32) looks at the window of
3 × 3 cells around it. What of a colour is wholly inside (nothing of it at the window's border) is marked by that cell with the
rectangle that has the same centre and spread.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE = 320
STRIDE = 32
WINDOW = 3 * STRIDE
GRID = SIZE // STRIDE
FINER_CELLS = (SIZE // 8) ** 2 + (SIZE // 16) ** 2
CLASSES = ["red thing", "blue thing"]

nodes, constants = [], []


def constant(name, value):
    constants.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def number(value):
    name = f"n{value}".replace(".", "_").replace("-", "m")
    if name not in [known.name for known in constants]:
        constant(name, np.float32(value))
    return name


def node(operator, *inputs, **attributes):
    name = f"t{len(nodes)}"
    nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
    return name


def whole(name, *values):
    return constant(name, np.array(values, np.int64))


def window(kind, what, shape, **attributes):
    return node(kind, what, kernel_shape=shape, strides=[STRIDE, STRIDE], **attributes)


blue, green, red = (
    node("Slice", "images", whole(f"from{i}", i), whole(f"to{i}", i + 1), whole(f"axis{i}", 1)) for i in range(3)
)
# Where a place is, from 0 to 1 over the window's width, in a row and in a column that have the margin too.
places = ((np.arange(SIZE + 2 * STRIDE, dtype=np.float32) + 0.5 - STRIDE) / WINDOW)
across = constant("across", places.reshape(1, 1, 1, -1))
down = constant("down", places.reshape(1, 1, -1, 1))
cells = np.arange(GRID, dtype=np.float32)
columns = constant("columns", cells.reshape(1, 1, 1, -1))
rows = constant("rows", cells.reshape(1, 1, -1, 1))
margin = whole("margin", 0, 0, STRIDE, STRIDE, 0, 0, STRIDE, STRIDE)
axes = whole("axes", 2, 3)


def strip(mask, shape, start, end):
    """The greatest in one line of each window's border."""
    part = node("Slice", mask, whole(f"s{len(constants)}", *start), whole(f"e{len(constants)}", *end), axes)
    most = window("MaxPool", part, shape)
    return node("Slice", most, whole(f"s{len(constants)}", 0, 0), whole(f"e{len(constants)}", GRID, GRID), axes)


def marks(colour, others):
    excess = node("Sub", colour, node("Max", *others))
    mask = node("Clip", node("Div", node("Sub", excess, number(64.0)), number(64.0)), number(0.0), number(1.0))
    mask = node("Pad", mask, margin)
    far = 1 << 20
    border = node(
        "Max",
        strip(mask, [1, WINDOW], (0, 0), (far, far)),
        strip(mask, [1, WINDOW], (WINDOW - 1, 0), (far, far)),
        strip(mask, [WINDOW, 1], (0, 0), (far, far)),
        strip(mask, [WINDOW, 1], (0, WINDOW - 1), (far, far)),
    )
    share = window("AveragePool", mask, [WINDOW, WINDOW])
    most = window("MaxPool", mask, [WINDOW, WINDOW])
    safe = node("Max", share, number(1e-6))

    def spread(place):
        first = node("Mul", mask, place)
        mean = node("Div", window("AveragePool", first, [WINDOW, WINDOW]), safe)
        square = node("Div", window("AveragePool", node("Mul", first, place), [WINDOW, WINDOW]), safe)
        variance = node("Max", node("Sub", square, node("Mul", mean, mean)), number(1e-6))
        # A line of length 1 has a variance of 1/12.
        return node("Mul", mean, number(3.0)), node("Mul", node("Sqrt", node("Mul", variance, number(12.0))), number(3.0))

    (x, width), (y, height) = spread(across), spread(down)
    presence = node("Mul", most, node("Sub", number(1.0), border))
    # So that scores differ.
    presence = node("Mul", presence, node("Add", number(0.6), node("Mul", share, number(0.8))))
    return node("Clip", presence, number(0.0), number(1.0)), [
        node("Sub", x, columns), node("Sub", y, rows), node("Log", width), node("Log", height)
    ]


found = [marks(red, (green, blue)), marks(blue, (green, red))]
is_red = node("Cast", node("GreaterOrEqual", found[0][0], found[1][0]), to=TensorProto.FLOAT)
is_blue = node("Sub", number(1.0), is_red)
boxes = [
    node("Add", node("Mul", is_red, one), node("Mul", is_blue, other))
    for one, other in zip(found[0][1], found[1][1], strict=True)
]
coarse = node("Concat", *boxes, node("Max", found[0][0], found[1][0]), is_red, is_blue, axis=1)
coarse = node("Transpose", node("Reshape", coarse, whole("flat", 1, 5 + len(CLASSES), -1)), perm=[0, 2, 1])
finer = node("ConstantOfShape", whole("finer", 1, FINER_CELLS, 5 + len(CLASSES)))
nodes.append(helper.make_node("Concat", [finer, coarse], ["output"], axis=1))

graph = helper.make_graph(
    nodes, "blobs",
    [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
    [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, FINER_CELLS + GRID**2, 5 + len(CLASSES)])],
    constants,
)  # fmt: skip
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
helper.set_model_props(model, {"names": str(dict(enumerate(CLASSES)))})
onnx.checker.check_model(model, full_check=True)
onnx.save(model, Path(__file__).with_name("blobs.onnx"))


# What ONNX Runtime in Python finds with it in pictures that are drawn, for the test to find the same. Rectangles are
# [x, y, width, height] with luma and both chromas of BT.709 in limited range.

PICTURES = [
    {"width": 640, "height": 360, "things": [[100, 60, 60, 120, 63, 102, 240], [420, 200, 120, 80, 32, 240, 118]]},
    {"width": 1280, "height": 720, "things": [[330, 110, 90, 210, 63, 102, 240]]},
    {"width": 360, "height": 640, "things": [[40, 440, 150, 130, 63, 102, 240], [220, 60, 64, 90, 32, 240, 118]]},
    {"width": 320, "height": 240, "things": []},
]
GROUND = [110, 128, 128]


def drawn(picture):
    """The picture as blue, green and red."""
    shape = (picture["height"], picture["width"])
    planes = [np.full(shape, level, np.float64) for level in GROUND]
    for x, y, width, height, *levels in picture["things"]:
        for plane, level in zip(planes, levels, strict=True):
            plane[y : y + height, x : x + width] = level
    luma, blue, red = (planes[0] - 16) * 255 / 219, (planes[1] - 128) * 255 / 224, (planes[2] - 128) * 255 / 224
    colours = luma + 1.8556 * blue, luma - 0.18732 * blue - 0.46812 * red, luma + 1.5748 * red
    return np.clip(np.stack(colours), 0, 255)


def resized(picture, width, height):
    """Bilinear, as OpenCV has it."""

    def places(count, size):
        place = np.clip((np.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
        first = place.astype(int)
        return first, np.minimum(first + 1, count - 1), place - first

    top, bottom, weight = places(picture.shape[1], height)
    picture = picture[:, top] * (1 - weight)[:, None] + picture[:, bottom] * weight[:, None]
    left, right, weight = places(picture.shape[2], width)
    return picture[:, :, left] * (1 - weight) + picture[:, :, right] * weight


def found_in(picture, session):
    image = drawn(picture)
    ratio = min(SIZE / picture["width"], SIZE / picture["height"])
    width, height = round(picture["width"] * ratio), round(picture["height"] * ratio)
    values = np.full((1, 3, SIZE, SIZE), 114, np.float32)
    values[0, :, :height, :width] = resized(image, width, height)
    cells = session.run(None, {"images": values})[0][0, FINER_CELLS:]
    things = {}
    for index in np.nonzero(cells[:, 4] > 0.3)[0]:
        x, y, wide, tall, presence, *likelihoods = (float(value) for value in cells[index])
        x, y = (x + index % GRID) * STRIDE / ratio, (y + index // GRID) * STRIDE / ratio
        wide, tall = np.exp(wide) * STRIDE / ratio, np.exp(tall) * STRIDE / ratio
        label = CLASSES[int(np.argmax(likelihoods))]
        box = [round(float(edge), 2) for edge in (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)]
        # All cells that see a thing as a whole say the same.
        things[label] = {"label": label, "score": round(presence * max(likelihoods), 4), "box": box}
    return sorted(things.values(), key=lambda thing: -thing["score"])


if __name__ == "__main__":
    import json

    import onnxruntime

    session = onnxruntime.InferenceSession(Path(__file__).with_name("blobs.onnx"), providers=["CPUExecutionProvider"])
    pictures = [{**picture, "found": found_in(picture, session)} for picture in PICTURES]
    Path(__file__).with_name("blobs.json").write_text(json.dumps(pictures, indent=1) + "\n")
