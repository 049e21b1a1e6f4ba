// What counts as a moving picture, with a clock and a video of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PictureWatch } from "../../WebUI/js/player/picture-watch.js";

class Video extends EventTarget {
    total = 0;
    #callbacks = [];

    requestVideoFrameCallback(callback) {
        return this.#callbacks.push(callback);
    }

    cancelVideoFrameCallback() {
        this.#callbacks = [];
    }

    getVideoPlaybackQuality() {
        return { totalVideoFrames: this.total };
    }

    /** A picture is on the screen. */
    show() {
        this.total += 1;
        for (const callback of this.#callbacks.splice(0)) callback();
    }

    get isWatched() {
        return this.#callbacks.length > 0;
    }
}

function begin(context, { hidden = false } = {}) {
    context.mock.timers.enable({ apis: ["setInterval", "Date"] });
    context.mock.method(performance, "now", () => Date.now());
    globalThis.document = { hidden };
    const video = new Video();
    const state = { still: false, began: 0 };
    const watch = new PictureWatch(video, () => {
        state.began += 1;
    });
    void watch.stoodStill().then(() => {
        state.still = true;
    });
    return { video, watch, state };
}

async function pass(context, milliseconds, each = () => {}) {
    for (let passed = 0; passed < milliseconds; passed += 250) {
        context.mock.timers.tick(250);
        each();
    }
    await new Promise((resolve) => setImmediate(resolve));
}

test("a picture that stands still for three seconds is frozen, whatever the clock of the element says", async (context) => {
    const { video, watch, state } = begin(context);
    await pass(context, 10_000, () => video.show());
    assert.equal(state.still, false);
    assert.equal(watch.count, 40);
    assert.equal(state.began, 1, "the first picture is told once");
    video.currentTime = 10;
    await pass(context, 2500);
    assert.equal(state.still, false);
    await pass(context, 1000);
    assert.equal(state.still, true);
    watch.close();
    assert.ok(!video.isWatched);
});

test("on a page that nobody sees, decoded pictures count, and a counter may begin anew", async (context) => {
    const { video, watch, state } = begin(context, { hidden: true });
    video.total = 1000;
    await pass(context, 4000, () => {
        video.total = video.total === 1000 ? 3 : video.total + 1;
    });
    assert.equal(state.still, false);
    assert.ok(watch.count > 0);
    await pass(context, 3500);
    assert.equal(state.still, true);
    watch.close();
});

test("on a page that nobody sees, the first picture of a floating window is told as well", (context) => {
    const { video, watch, state } = begin(context, { hidden: true });
    video.dispatchEvent(new Event("timeupdate"));
    assert.equal(state.began, 0, "the clock moves, and no picture was decoded");
    video.total = 1;
    video.dispatchEvent(new Event("timeupdate"));
    video.dispatchEvent(new Event("timeupdate"));
    assert.equal(state.began, 1);
    watch.close();
});

test("the time that a computer slept is not held against the picture", async (context) => {
    const { state, watch } = begin(context);
    let asleep = 0;
    context.mock.method(performance, "now", () => Date.now() + asleep);
    asleep = 3_600_000;
    await pass(context, 1000);
    assert.equal(state.still, false);
    watch.close();
});
