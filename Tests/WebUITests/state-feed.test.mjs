// How the pages follow the server.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { mergeState } from "../../WebUI/js/core/merged-state.js";
import { StateFeed } from "../../WebUI/js/core/state-feed.js";

const engine = { running: true, started_at_unix: 90 };
const output = (key, viewers) => ({ output_key: key, viewer_count: viewers });

test("what did not change stays as it was", () => {
    const whole = mergeState(null, {
        at_unix: 100, revision: 4, engine, output_keys: ["a", "b"], outputs: [output("b", 0), output("a", 1)],
    });
    assert.equal(whole.engine.uptime_seconds, 10);
    assert.deepEqual(whole.outputs, [output("a", 1), output("b", 0)]);
    const changed = mergeState(whole, { at_unix: 101, outputs: [output("b", 2)] });
    assert.deepEqual(changed.outputs, [output("a", 1), output("b", 2)]);
    assert.equal(changed.revision, 4);
    assert.equal(changed.engine, whole.engine);
    const fewer = mergeState(changed, { at_unix: 102, revision: 5, output_keys: ["b"] });
    assert.deepEqual(fewer.outputs, [output("b", 2)]);
});

/** A connection that the test speaks through. */
class Source extends EventTarget {
    isClosed = false;
    close() {
        this.isClosed = true;
    }
    say(type, data) {
        this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data) }));
    }
}

const whole = { at_unix: 1, revision: 1, engine, output_keys: [], outputs: [] };
let sources;

beforeEach(() => {
    sources = [];
    globalThis.document = Object.assign(new EventTarget(), { hidden: false });
    globalThis.window = new EventTarget();
});

function feed() {
    const made = new StateFeed(() => {
        sources.push(new Source());
        return sources.at(-1);
    });
    made.heard = [];
    for (const type of ["live", "lost"]) made.addEventListener(type, () => made.heard.push(type));
    made.start();
    return made;
}

test("it is live from the first state until the connection is lost, and comes back later and later", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const followed = feed();
    assert.equal(followed.isLive, false);
    assert.equal(followed.newerThan(0), null);
    sources[0].say("state", whole);
    assert.equal(followed.isLive, true);
    assert.equal(followed.newerThan(1), followed.state);
    assert.equal(followed.newerThan(2), null, "an answer may be ahead of what is told");
    sources[0].dispatchEvent(new Event("error"));
    assert.equal(followed.newerThan(0), null);
    assert.equal(followed.isLive, false);
    assert.ok(sources[0].isClosed);
    for (const seconds of [1, 2, 4, 8, 30, 30]) {
        const before = sources.length;
        context.mock.timers.tick(seconds * 1000 - 1);
        assert.equal(sources.length, before);
        context.mock.timers.tick(1);
        assert.equal(sources.length, before + 1);
        sources.at(-1).dispatchEvent(new Event("error"));
    }
    assert.deepEqual(followed.heard, ["live", "lost"]);
});

test("a connection that says nothing is given up", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const followed = feed();
    context.mock.timers.tick(6000);
    assert.ok(sources[0].isClosed, "a proxy keeps the first state back");
    context.mock.timers.tick(1000);
    sources[1].say("state", whole);
    context.mock.timers.tick(39_000);
    sources[1].say("alive", { at_unix: 2 });
    context.mock.timers.tick(39_000);
    assert.equal(followed.isLive, true);
    context.mock.timers.tick(1000);
    assert.equal(followed.isLive, false);
});

test("a page out of sight holds no connection", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const followed = feed();
    sources[0].say("state", whole);
    document.hidden = true;
    document.dispatchEvent(new Event("visibilitychange"));
    assert.ok(sources[0].isClosed);
    assert.equal(followed.isLive, false);
    document.hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(sources.length, 2);
    sources[1].say("state", whole);
    assert.equal(followed.isLive, true);
    followed.heard.length = 0;
    sources[0].say("change", { at_unix: 3, revision: 9 });
    assert.equal(followed.state.revision, 1, "an old connection counts for nothing");
});
