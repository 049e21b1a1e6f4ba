// The mask of motion and the boxes over a picture, as far as they need no browser. Run with `node --test Tests/WebUITests/`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { boxesOf } from "../../WebUI/js/player/picture-boxes.js";
import { fits, grid, paintedCells, simplified, strokesOf } from "../../WebUI/js/settings/motion-mask.js";

const wide = { width: 320, height: 180 };
const strokes = [
    { op: "paint", points01: [[0.1, 0.2], [0.5, 0.35], [0.45, 0.9]] },
    { op: "erase", points01: [[0.3, 0.1], [0.3, 0.95]] },
    { op: "paint", points01: [[1, 1]] },
    { op: "paint", points01: [[0.8, 0], [0.95, 0.12]] },
];

// Expected: what MotionMaskTests has of the same strokes, which is what the detector uses.
for (const [shape, expected] of [
    [wide, [
        11, 12, 13, 13, 12, 9, 8, 12, 14, 16, 16, 20, 20, 19, 15, 16, 13, 7, 5, 5, 6, 6, 6, 5, 5, 5, 5, 6, 6, 6, 5, 5, 5, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 5, 2, 3,
    ]],
    [{ width: 270, height: 174 }, [
        11, 13, 13, 13, 12, 10, 9, 13, 14, 16, 17, 20, 21, 20, 16, 16, 13, 8, 7, 7, 6, 6, 6, 6, 7, 7, 6, 6, 6, 6, 7, 7, 6, 6, 6, 6,
        6, 7, 6, 6, 6, 6, 5, 3, 3,
    ]],
]) {
    test(`the page shades what the detector leaves out of ${shape.width}×${shape.height}`, () => {
        const cells = paintedCells(strokes, 0.12, shape);
        const rows = Array.from({ length: grid.rows }, (_, row) =>
            cells.slice(row * grid.columns, (row + 1) * grid.columns).reduce((sum, cell) => sum + cell, 0));
        assert.deepEqual(rows, expected);
    });
}

test("a stroke keeps few points and paints the same", () => {
    const drawn = Array.from({ length: 2000 }, (_, index) => {
        const angle = index / 2000 * 2 * Math.PI;
        return [0.5 + 0.3 * Math.cos(angle), 0.5 + 0.3 * Math.sin(angle)];
    });
    const kept = simplified(drawn, 0.1, wide);
    assert.ok(kept.length > 8 && kept.length < 60, `${kept.length} points`);
    assert.deepEqual([kept[0], kept.at(-1)], [[0.8, 0.5], [0.8, 0.4991]]);
    const [before, after] = [drawn, kept].map((points01) => paintedCells([{ op: "paint", points01 }], 0.1, wide));
    const differing = before.filter((cell, index) => cell !== after[index]).length;
    assert.ok(differing < 40, `${differing} cells of ${before.reduce((sum, cell) => sum + cell, 0)}`);
    assert.deepEqual(simplified([[0.2, 0.3]], 0.1, wide), [[0.2, 0.3]]);
    assert.deepEqual(simplified([[0, 0], [0.5, 0.5], [1, 1]], 0.1, wide), [[0, 0], [1, 1]]);
});

test("a mask holds what the server takes and no more", () => {
    const stroke = (points) => ({ op: "paint", points01: Array.from({ length: points }, () => [0, 0]) });
    assert.ok(fits([stroke(50_000)]));
    assert.ok(!fits([stroke(50_000), stroke(1)]));
    assert.ok(fits(Array.from({ length: 1024 }, () => stroke(1))));
    assert.ok(!fits(Array.from({ length: 1025 }, () => stroke(1))));
});

test("strokes are read in each form that the server takes", () => {
    assert.deepEqual(strokesOf([{ points01: [{ x: 0.1, y: 0.2 }, [0.3, 0.4]] }, { op: "erase", points01: [] }]), [
        { op: "paint", points01: [[0.1, 0.2], [0.3, 0.4]] }, { op: "erase", points01: [] },
    ]);
    assert.deepEqual(strokesOf(undefined), []);
});

test("boxes are read from metadata, whatever else is in it", () => {
    assert.deepEqual(boxesOf({
        motion: { score: 0.1, bboxes01: [[0, 0, 0.5, 1], [0.2, 0.2, 0.1, 0.3], "x", [0, 0, 1], [0, 0, 1, null]] },
        vision: { detections: [{ label: "person", score: 0.876, bbox01: [0.1, 0.1, 0.2, 0.2] }, { bbox01: [0, 0, 1, 1] }, null] },
    }), [
        { corners: [0, 0, 0.5, 1], kind: "motion", label: "" },
        { corners: [0.1, 0.1, 0.2, 0.2], kind: "detection", label: "person 88 %" },
        { corners: [0, 0, 1, 1], kind: "detection", label: "" },
    ]);
    const track = { source_tracking_id: "7", label: "cat", score: 0.5, bbox01: [0, 0, 1, 1], trail01: [[0, 0.5], [1], "x", [0.5, 0.5]] };
    assert.deepEqual(boxesOf({
        vision: {
            detections: [{ label: "dog", bbox01: [0, 0, 1, 1] }],
            tracks: [track, { ...track, metadata: { state: "lost" } }, null, { bbox01: [0, 0, 1, 1], source_tracking_id: 3, trail01: 1 }],
        },
    }), [
        { corners: [0, 0, 1, 1], kind: "track", label: "#7 cat 50 %", trail: [[0, 0.5], [0.5, 0.5]] },
        { corners: [0, 0, 1, 1], kind: "track", label: "", trail: [] },
    ]);
    for (const other of [null, undefined, 7, [], {}, { motion: { bboxes01: 3 }, vision: [] }]) assert.deepEqual(boxesOf(other), []);
});
