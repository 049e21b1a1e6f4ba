// How pictures are looked at: zoom, groups, and the drawing of a pipeline.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../../WebUI/js/core/file-download.js";
import { graphLayout } from "../../WebUI/js/settings/graph-layout.js";
import { groupNames } from "../../WebUI/js/streams/group-choice.js";
import { moved, wholePicture, zoomed } from "../../WebUI/js/streams/zoom.js";

const place = { width: 100, height: 60 };

test("what is under the fingers stays there, and the picture never leaves its place", () => {
    const twice = zoomed(wholePicture, 2, { x: 100, y: 30 }, place);
    assert.deepEqual(twice, { scale: 2, x: -100, y: -30 });
    assert.deepEqual(moved(twice, { x: -50, y: 10 }, place), { scale: 2, x: -100, y: -20 });
    assert.deepEqual(moved(twice, { x: 500, y: 500 }, place), { scale: 2, x: 0, y: 0 });
    assert.deepEqual(zoomed(twice, 0.1, { x: 3, y: 3 }, place), { scale: 1, x: 0, y: 0 });
    assert.equal(zoomed(wholePicture, 1000, { x: 0, y: 0 }, place).scale, 8);
});

test("a node stands to the right of all that lead to it", () => {
    const nodes = ["sink", "camera", "reducer", "second"].map((id) => ({ id, operator: id, config: {} }));
    const edges = [["camera", "reducer"], ["reducer", "sink"], ["camera", "second"], ["second", "sink"]].map(
        ([from, to]) => ({ from: { node: from }, to: { node: to } }),
    );
    const columns = Object.fromEntries(graphLayout(nodes, edges).map(({ node, column, row }) => [node.id, [column, row]]));
    assert.deepEqual(columns, { camera: [0, 0], reducer: [1, 0], second: [1, 1], sink: [2, 0] });
    const circle = [["camera", "sink"], ["sink", "camera"]].map(([from, to]) => ({ from: { node: from }, to: { node: to } }));
    assert.equal(graphLayout(nodes, circle).length, 4);
});

test("groups stand in the order of their first streams, each once", () => {
    assert.deepEqual(groupNames([{ group: "Garden" }, {}, { group: "House" }, { group: "Garden" }, { group: "" }]), ["Garden", "House"]);
});

test("a file is saved under the server's name, and never elsewhere", () => {
    assert.equal(fileName('attachment; filename="toposync-backup-2026-01-02.json"'), "toposync-backup-2026-01-02.json");
    assert.equal(fileName('attachment; filename="../../etc/passwd"'), "download");
    assert.equal(fileName(null), "download");
});
