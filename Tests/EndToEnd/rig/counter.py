"""The frame counter coded as blocks, the same layout as the server's demo source draws.

32 cells of equal size stand in one row at the bottom of the picture, over its full width and a twelfth (made even) of
its height. Cell 0 is leftmost and most significant. Luma 235 is a one, 16 a zero: the marker 1010, 24 counter bits, and
a 4-bit checksum, the exclusive or of the counter's six nibbles.
"""

import numpy as np

CELLS = 32
COUNTER_MASK = 0xFFFFFF
_MARKER = 0b1010
_ONE, _ZERO = 235, 16


def row_height(height: int) -> int:
    return height // 12 // 2 * 2


def _checksum(counter: int) -> int:
    result = 0
    for shift in range(0, 24, 4):
        result ^= counter >> shift & 0xF
    return result


def draw(luma: np.ndarray, counter: int) -> None:
    """Draws the counter into a picture's luma plane, in place."""
    height, width = luma.shape
    counter &= COUNTER_MASK
    word = _MARKER << 28 | counter << 4 | _checksum(counter)
    edges = [cell * width // CELLS for cell in range(CELLS + 1)]
    row = np.empty(width, np.uint8)
    for cell in range(CELLS):
        row[edges[cell] : edges[cell + 1]] = _ONE if word >> (31 - cell) & 1 else _ZERO
    luma[height - row_height(height) :, :] = row


def read(luma: np.ndarray) -> int | None:
    """The counter in a decoded luma plane of any size, or None when the picture holds none that is intact."""
    height, width = luma.shape
    row = row_height(height)
    # The middle half of each cell, away from the blur that scaling and the codec leave at its edges.
    top, bottom = height - row * 3 // 4, height - row // 4
    word = 0
    for cell in range(CELLS):
        left, right = cell * width / CELLS, (cell + 1) * width / CELLS
        margin = (right - left) / 4
        mean = luma[top:bottom, int(left + margin) : max(int(right - margin), int(left + margin) + 1)].mean()
        # Neither black nor white enough: this is some other picture.
        if 90 < mean < 160:
            return None
        word = word << 1 | (mean > 125)
    counter = word >> 4 & COUNTER_MASK
    if word >> 28 != _MARKER or word & 0xF != _checksum(counter):
        return None
    return counter
