// How fragments that come by a WebSocket are buffered, and where a live picture goes on in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FragmentQueue } from "../../WebUI/js/player/fragment-queue.js";
import { forgettable, liveLag, livePosition } from "../../WebUI/js/player/live-buffer.js";

const range = (start, end) => ({ start, end });
const about = (value) => value === null ? null : Math.round(value * 1000) / 1000;

for (const [what, ranges, time, hasBegun, expected] of [
    ["nothing is here yet", [], 0, false, null],
    ["the clock of the stream began long ago", [range(1000, 1000.04)], 0, false, 1000],
    ["a group of pictures came at once", [range(1000, 1002)], 1000, false, 1001.7],
    ["it is live", [range(1000, 1002)], 1001.7, false, null],
    ["playing a little faster is enough", [range(1000, 1002)], 1000, true, null],
    ["it is far behind", [range(1000, 1010)], 1005, true, 1009.7],
    ["pictures were left out, and it stands before the hole", [range(1000, 1005), range(1008, 1009)], 1004.95, true, 1008.7],
    ["pictures were left out, and it is not there yet", [range(1000, 1003), range(1004, 1004.5)], 1002, true, null],
    ["it stands in a hole", [range(1000, 1003), range(1004, 1004.2)], 1003.5, true, 1004],
    ["it waits for the next fragment", [range(1000, 1002)], 1002.05, true, null],
    ["it is ahead of all", [range(1000, 1002)], 1010, true, null],
]) {
    test(`where a live picture goes on when ${what}`, () => {
        assert.equal(about(livePosition(ranges, time, hasBegun)), expected);
    });
}

test("how far behind it is, and what is forgotten", () => {
    assert.equal(liveLag([], 5), 0);
    assert.equal(about(liveLag([range(0, 3), range(4, 10)], 9)), 0.7);
    assert.equal(forgettable([], 100), null);
    assert.equal(forgettable([range(0, 25)], 20), null);
    assert.equal(forgettable([range(0, 25)], 21), 11);
});

/** A source buffer that takes one piece after the other, as browsers' do. */
class SourceBuffer extends EventTarget {
    updating = false;
    taken = [];
    removed = [];
    ranges = [];
    full = false;

    get buffered() {
        return { length: this.ranges.length, start: (index) => this.ranges[index].start, end: (index) => this.ranges[index].end };
    }

    appendBuffer(fragment) {
        assert.ok(!this.updating);
        if (this.full) throw new DOMException("full", "QuotaExceededError");
        this.updating = true;
        this.taken.push(new Uint8Array(fragment)[0]);
    }

    remove(start, end) {
        assert.ok(!this.updating);
        this.updating = true;
        this.full = false;
        this.removed.push(end);
        this.ranges = this.ranges.map((entry) => range(Math.max(end, entry.start), entry.end));
    }

    finish() {
        this.updating = false;
        this.dispatchEvent(new Event("updateend"));
    }
}

function begin(time = 0) {
    const buffer = new SourceBuffer();
    const state = { buffer, time, appended: [], failures: [] };
    state.queue = new FragmentQueue(buffer, {
        time: () => state.time, onappended: (isAll) => state.appended.push(isAll), onfail: (error) => state.failures.push(error),
    });
    state.add = (number) => state.queue.add(Uint8Array.of(number).buffer);
    return state;
}

test("fragments are handed on in order, each when the one before is in", () => {
    const { buffer, add, appended } = begin();
    for (const number of [1, 2, 3]) add(number);
    assert.deepEqual(buffer.taken, [1]);
    for (let left = 3; left > 0; left -= 1) buffer.finish();
    assert.deepEqual([buffer.taken, appended], [[1, 2, 3], [false, false, true]]);
});

test("what was seen is removed between two fragments", () => {
    const state = begin(30);
    state.buffer.ranges = [range(0, 31)];
    state.add(1);
    assert.deepEqual([state.buffer.removed, state.buffer.taken], [[20], []]);
    state.buffer.finish();
    assert.deepEqual(state.buffer.taken, [1]);
});

test("a buffer that is full loses all but the last second, and takes the fragment then", () => {
    const state = begin(8);
    state.buffer.ranges = [range(0, 9)];
    state.buffer.full = true;
    state.add(1);
    assert.deepEqual(state.buffer.removed, [7]);
    state.buffer.finish();
    assert.deepEqual([state.buffer.taken, state.failures], [[1], []]);
    const stuck = begin(0.5);
    stuck.buffer.full = true;
    stuck.add(1);
    assert.equal(stuck.failures.length, 1, "there is nothing to remove");
});

test("a browser that wants nothing gets nothing, and what waits is bounded", () => {
    const state = begin();
    state.queue.mayAppend = false;
    state.add(1);
    assert.deepEqual(state.buffer.taken, []);
    state.queue.mayAppend = true;
    assert.deepEqual(state.buffer.taken, [1]);
    state.queue.add(new ArrayBuffer(33 << 20));
    assert.equal(state.failures.length, 1);
    state.queue.close();
    state.buffer.finish();
    assert.equal(state.buffer.taken.length, 1);
});
