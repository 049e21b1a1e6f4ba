// What travels with pictures is given out with them, with a video of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PictureMetadata } from "../../WebUI/js/player/picture-metadata.js";

class Video extends EventTarget {
    currentTime = 0;
    #callbacks = [];

    requestVideoFrameCallback(callback) {
        return this.#callbacks.push(callback);
    }

    cancelVideoFrameCallback() {
        this.#callbacks = [];
    }

    /** A picture is on the screen. */
    show(mediaTime) {
        for (const callback of this.#callbacks.splice(0)) callback(0, { mediaTime });
    }

    get isWatched() {
        return this.#callbacks.length > 0;
    }
}

function begin(video = new Video()) {
    const seen = [];
    return { video, seen, metadata: new PictureMetadata(video, (value) => seen.push(value)) };
}

test("it is given out with its picture, however early it came, and once", () => {
    const { video, seen, metadata } = begin();
    metadata.add(1.08, "c");
    metadata.add(1, "a");
    metadata.add(1.04, "b");
    metadata.add(1.04, "b again");
    video.show(0.96);
    assert.deepEqual(seen, []);
    // What browsers round is the same picture.
    video.show(0.999);
    assert.deepEqual(seen, ["a"]);
    video.show(1.04);
    assert.deepEqual(seen, ["a", "b"]);
    video.show(1.08);
    video.show(1.12);
    assert.deepEqual(seen, ["a", "b", "c"]);
});

test("pictures are looked at only while something waits for one", () => {
    const { video, seen, metadata } = begin();
    assert.ok(!video.isWatched);
    metadata.add(2, "a");
    assert.ok(video.isWatched);
    video.show(2);
    assert.ok(!video.isWatched);
    metadata.add(3, "b");
    video.show(3);
    assert.deepEqual(seen, ["a", "b"]);
});

test("a player that leaves one picture out has what it carried, and one that jumps has not", () => {
    const { video, seen, metadata } = begin();
    metadata.add(1, "left out");
    video.show(1.08);
    metadata.add(2, "jumped over");
    metadata.add(9, "seen");
    video.show(9);
    assert.deepEqual(seen, ["left out", "seen"]);
});

test("what waited is forgotten where times begin anew, and at the end", () => {
    const { video, seen, metadata } = begin();
    metadata.add(1, "before");
    metadata.clear();
    video.show(1);
    metadata.add(2, "after");
    metadata.close();
    assert.ok(!video.isWatched);
    metadata.add(2, "too late");
    assert.ok(!video.isWatched);
    assert.deepEqual(seen, []);
});

test("a browser that tells of no pictures has a clock", () => {
    const video = Object.assign(new EventTarget(), { currentTime: 0 });
    const { seen, metadata } = begin(video);
    metadata.add(1, "a");
    for (const time of [0.9, 1.1]) {
        video.currentTime = time;
        video.dispatchEvent(new Event("timeupdate"));
    }
    metadata.close();
    assert.deepEqual(seen, ["a"]);
});
