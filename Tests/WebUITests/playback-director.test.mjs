// What a player decides: events in, actions out, in any order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaybackDirector } from "../../WebUI/js/player/playback-director.js";

/** Notes what is told to be remembered. */
class Memory {
    notes = [];
    turns = true;

    constructor(order = (kinds) => kinds) {
        this.order = order;
    }

    worked(kind, failed) {
        this.notes.push([kind, ...failed.map((entry) => entry.kind + (entry.isRefusal ? " refused" : ""))].join(" "));
    }

    broke(kind) {
        this.notes.push(`${kind} broke`);
    }

    takesTurn() {
        return this.turns;
    }

    forgive() {
        this.notes.push("forgiven");
    }
}

/** Does what a director says, but for what it logs, and keeps its timers. */
class Player {
    open = new Map();
    timers = new Map();
    shown = null;
    done = [];
    logged = [];

    constructor(memory = new Memory()) {
        this.memory = memory;
        this.director = new PlaybackDirector(memory);
    }

    /** @returns {string[]} what was done but for timers and the log */
    give(event) {
        const before = this.done.length;
        for (const action of this.director.handle(event)) this.#perform(action);
        return this.done.slice(before);
    }

    #perform(action) {
        switch (action.type) {
            case "timer":
                return void this.timers.set(action.name, action.milliseconds);
            case "cancel":
                return void this.timers.delete(action.name);
            case "log":
                return void this.logged.push(action.retrySeconds === null ? action.code : `${action.code} ${action.retrySeconds}`);
            case "open":
                assert.ok(!this.open.has(action.attempt));
                this.open.set(action.attempt, action.kind);
                return void this.done.push(`open ${action.kind}`);
            case "close":
                this.done.push(`close ${this.open.get(action.attempt)}`);
                assert.ok(this.open.delete(action.attempt), "closed once");
                if (this.shown === action.attempt) this.shown = null;
                return;
            case "show":
                assert.ok(this.open.has(action.attempt));
                this.shown = action.attempt;
                return void this.done.push(`show ${this.open.get(action.attempt)}`);
            case "find":
                this.round = action.round;
                return void this.done.push("find");
            case "change":
                return void this.done.push(this.state);
            default:
                return void this.done.push(action.type);
        }
    }

    get state() {
        return this.director.reason ? `blocked: ${this.director.reason}` : this.director.state;
    }

    ring(name) {
        assert.ok(this.timers.delete(name), `there is a timer ${name}`);
        return this.give({ type: "timer", name });
    }

    #attempt(kind) {
        const found = [...this.open].find(([, opened]) => opened === kind);
        assert.ok(found, `${kind} is open`);
        return found[0];
    }

    start(kinds = ["hls", "whep", "mse", "native"], isSolo = false) {
        return [...this.give({ type: "start" }), ...this.found(kinds, isSolo)];
    }

    found(kinds, isSolo = false) {
        return this.give({ type: "found", round: this.round, kinds, isSolo });
    }

    picture(kind) {
        return this.give({ type: "picture", attempt: this.#attempt(kind) });
    }

    answered(kind) {
        return this.give({ type: "answered", attempt: this.#attempt(kind) });
    }

    fail(kind, failure = {}) {
        return this.give({ type: "failed", attempt: this.#attempt(kind), failure: { code: "failure", parameters: {}, ...failure } });
    }

    lateTimer(kind) {
        return `late ${this.#attempt(kind)}`;
    }
}

test("WebRTC and MSE start one second apart, HLS three later, the browser's own only after it, and the first picture wins", () => {
    const player = new Player();
    assert.deepEqual(player.start(), ["starting", "find", "open whep"]);
    assert.equal(player.timers.get("next"), 1000);
    assert.deepEqual(player.ring("next"), ["open mse"]);
    assert.equal(player.timers.get("next"), 3000);
    assert.deepEqual(player.ring("next"), ["open hls"]);
    assert.ok(!player.timers.has("next"));
    assert.deepEqual(player.picture("mse"), ["show mse", "live", "close whep", "close hls"]);
    assert.deepEqual([...player.timers.keys()].sort(), ["healthy", "upgrade"], "nobody else is waited for");
    assert.deepEqual(player.memory.notes, ["mse"], "who was only slower is not blamed");
});

test("what worked last begins, with the same leads", () => {
    const player = new Player(new Memory(() => ["hls", "whep"]));
    assert.deepEqual(player.start(), ["starting", "find", "open hls"]);
    assert.equal(player.timers.get("next"), 1000);
    assert.deepEqual(player.ring("next"), ["open whep"]);
});

test("a refusal sends on at once, and is remembered once something else plays", () => {
    const player = new Player();
    player.start();
    assert.deepEqual(player.fail("whep", { code: "server", isRefusal: true }), ["close whep", "open mse"]);
    assert.deepEqual(player.memory.notes, []);
    assert.deepEqual(player.fail("mse"), ["close mse", "open hls"]);
    assert.deepEqual(player.picture("hls"), ["show hls", "live"]);
    assert.deepEqual(player.memory.notes, ["hls whep refused mse"]);
    assert.deepEqual(player.logged, ["server", "failure"]);
});

test("a failure in the middle of a race opens the next, and the others go on", () => {
    const player = new Player();
    player.start();
    player.ring("next");
    assert.deepEqual(player.fail("mse"), ["close mse", "open hls"]);
    assert.deepEqual(player.fail("hls"), ["close hls", "open native"]);
    assert.deepEqual(player.fail("native"), ["close native"], "WebRTC is still on its way");
    assert.deepEqual(player.picture("whep"), ["show whep", "live"]);
    assert.ok(!player.timers.has("upgrade"), "there is nothing better");
});

test("WebRTC has four seconds from its answer, HLS all of its time", () => {
    const player = new Player();
    player.start(["whep", "hls"]);
    const late = player.lateTimer("whep");
    assert.equal(player.timers.get(late), 25_000);
    player.answered("whep");
    assert.equal(player.timers.get(late), 4000);
    assert.deepEqual(player.ring(late), ["close whep", "open hls"]);
    player.answered("hls");
    const hls = player.lateTimer("hls");
    assert.equal(player.timers.get(hls), 25_000);
    assert.deepEqual(player.ring(hls), ["close hls"]);
    assert.deepEqual(player.logged, ["noPicture", "noPicture 1"]);
    assert.equal(player.state, "starting");
});

test("a stream that nothing plays is tried again after 1, 2, 4 and 8 seconds, and nobody is blamed", () => {
    const player = new Player();
    player.start(["whep", "hls"]);
    for (const milliseconds of [1000, 2000, 4000, 8000, 8000]) {
        player.fail("whep");
        player.fail("hls");
        assert.equal(player.timers.get("retry"), milliseconds);
        assert.deepEqual(player.ring("retry"), ["find"]);
        player.found(["whep", "hls"]);
    }
    assert.equal(player.director.failures, 5);
    assert.deepEqual(player.memory.notes, []);
});

test("a picture that is lost is kept until whoever draws has been told", () => {
    const player = new Player();
    player.start(["hls"]);
    player.picture("hls");
    player.ring("healthy");
    assert.deepEqual(player.fail("hls", { code: "stalled" }), ["reconnecting", "close hls"]);
    assert.deepEqual(player.memory.notes, ["hls"], "after ten seconds it is not the transport");
    player.ring("retry");
    player.found(["hls"]);
    assert.equal(player.state, "reconnecting");
    assert.deepEqual(player.picture("hls"), ["show hls", "live"]);
});

test("a transport that loses its picture soon twice is demoted; once, the stream may have been changed", () => {
    const player = new Player();
    const loseSoon = () => {
        player.found(["whep", "hls"]);
        player.picture("whep");
        player.fail("whep", { code: "stalled" });
        player.ring("retry");
    };
    player.give({ type: "start" });
    loseSoon();
    assert.deepEqual(player.memory.notes, ["whep"]);
    loseSoon();
    assert.deepEqual(player.memory.notes, ["whep", "whep", "whep broke"]);
    player.found(["whep", "hls"]);
    player.picture("whep");
    player.ring("healthy");
    player.fail("whep", { code: "stalled" });
    player.ring("retry");
    player.memory.notes = [];
    loseSoon();
    assert.deepEqual(player.memory.notes, ["whep"], "it was well in between");
});

test("a better way is tried each minute beside the picture, and takes over with its own", () => {
    const player = new Player();
    player.start(["whep", "mse", "hls"]);
    player.fail("whep");
    player.picture("mse");
    player.memory.turns = false;
    assert.deepEqual(player.ring("upgrade"), [], "it is another player's turn");
    assert.equal(player.timers.get("upgrade"), 60_000);
    player.memory.turns = true;
    assert.deepEqual(player.ring("upgrade"), ["open whep"]);
    assert.deepEqual(player.fail("whep"), ["close whep"]);
    assert.equal(player.state, "live");
    assert.deepEqual(player.ring("upgrade"), ["open whep"]);
    assert.deepEqual(player.picture("whep"), ["show whep", "close mse"]);
    assert.deepEqual(player.memory.notes, ["mse whep", "whep"]);
    assert.ok(!player.timers.has("upgrade"));
});

test("the picture may be lost while a better way is tried", () => {
    const player = new Player();
    player.start(["whep", "mse"]);
    player.fail("whep");
    player.picture("mse");
    player.ring("upgrade");
    assert.deepEqual(player.fail("mse"), ["reconnecting", "close mse", "close whep"]);
    assert.deepEqual([...player.timers.keys()], ["retry"]);
});

test("a picture in a window of the browser's own keeps its video: one way after the other, and nothing beside it", () => {
    const player = new Player();
    player.start(["whep", "mse"], true);
    assert.ok(!player.timers.has("next"));
    assert.deepEqual(player.fail("whep"), ["close whep", "open mse"]);
    player.picture("mse");
    assert.deepEqual(player.ring("upgrade"), []);
    assert.equal(player.timers.get("upgrade"), 60_000);
    player.give({ type: "floats", isSolo: false });
    assert.deepEqual(player.ring("upgrade"), ["open whep"]);
    assert.deepEqual(player.give({ type: "floats", isSolo: true }), ["close whep"]);
    assert.deepEqual(player.ring("upgrade"), []);
});

test("what needs the user is told and waits for the user; what may pass is asked again", () => {
    const blocked = (failure) => ({ code: `blocked.${failure}`, reason: failure });
    const player = new Player();
    player.give({ type: "start" });
    const ask = (reason) => player.give({ type: "notFound", round: player.round, failure: { parameters: {}, ...blocked(reason) } });
    assert.deepEqual(ask("engine-stopped"), ["blocked: engine-stopped", "release"]);
    assert.equal(player.timers.get("retry"), 10_000);
    assert.deepEqual(player.ring("retry"), ["find"], "it is said all the while");
    assert.equal(player.state, "blocked: engine-stopped");
    assert.deepEqual(ask("engine-stopped"), ["release"]);
    assert.deepEqual(player.logged, ["blocked.engine-stopped"], "and logged once");
    player.ring("retry");
    assert.deepEqual(ask("password"), ["blocked: password", "release"]);
    assert.ok(!player.timers.has("retry"));
    player.give({ type: "networkChanged" });
    assert.equal(player.state, "blocked: password");
    assert.deepEqual(player.give({ type: "retryNow" }), ["starting", "find"]);
    player.found(["whep", "hls"]);
    player.ring("next");
    assert.deepEqual(player.fail("whep", blocked("autoplay")), ["blocked: autoplay", "close whep", "close hls", "release"]);
});

test("a codec that no way can play is what is told, whatever else failed", () => {
    const player = new Player();
    player.start(["whep", "hls", "native"]);
    player.fail("whep", { isRefusal: true });
    player.fail("hls", { code: "blocked.codec", reason: "codec", isRefusal: true });
    assert.deepEqual(player.fail("native"), ["blocked: codec", "close native", "release"]);
    const none = new Player();
    none.start([]);
    assert.equal(none.state, "blocked: unsupported");
});

test("another network lets what waits try again, and WebRTC be tried beside the picture", () => {
    const player = new Player();
    player.start(["whep", "hls"]);
    player.fail("whep");
    player.fail("hls");
    assert.deepEqual(player.give({ type: "networkChanged" }), ["find"]);
    player.found(["whep", "hls"]);
    player.fail("whep");
    player.picture("hls");
    player.give({ type: "networkChanged" });
    assert.equal(player.timers.get("upgrade"), 1000);
    assert.deepEqual(player.memory.notes, ["forgiven", "hls whep", "forgiven"]);
});

test("a player that was stopped lets go of everything, from wherever it was", () => {
    const ways = {
        finding: (player) => player.give({ type: "start" }),
        racing: (player) => {
            player.start();
            player.ring("next");
        },
        live: (player) => {
            player.start();
            player.picture("whep");
        },
        upgrading: (player) => {
            player.start(["whep", "hls"]);
            player.fail("whep");
            player.picture("hls");
            player.ring("upgrade");
        },
        waiting: (player) => {
            player.start(["hls"]);
            player.fail("hls");
        },
        blocked: (player) => player.start([]),
    };
    for (const [name, reach] of Object.entries(ways)) {
        const player = new Player();
        reach(player);
        const opened = [...player.open.keys()];
        assert.equal(player.give({ type: "stop" })[0], "idle", name);
        assert.deepEqual([player.open.size, player.timers.size], [0, 0], name);
        assert.equal(player.done.at(-1), "release", name);
        // What was on its way arrives later.
        for (const attempt of opened) {
            for (const type of ["answered", "picture"]) player.give({ type, attempt });
            player.give({ type: "failed", attempt, failure: { code: "failure", parameters: {} } });
            player.give({ type: "timer", name: `late ${attempt}` });
        }
        for (const timer of ["next", "retry", "upgrade"]) player.give({ type: "timer", name: timer });
        player.give({ type: "found", round: player.round, kinds: ["hls"], isSolo: false });
        player.give({ type: "retryNow" });
        player.give({ type: "networkChanged" });
        player.give({ type: "floats", isSolo: true });
        assert.deepEqual([player.open.size, player.timers.size, player.director.state], [0, 0, "idle"], name);
        assert.deepEqual(player.start(["hls"]), ["starting", "find", "open hls"], name);
    }
});

test("an answer to a question of before counts no more", () => {
    const player = new Player();
    player.give({ type: "start" });
    const { round } = player;
    player.give({ type: "stop" });
    player.give({ type: "start" });
    assert.deepEqual(player.give({ type: "found", round, kinds: ["hls"], isSolo: false }), []);
    assert.deepEqual(player.found(["hls"]), ["open hls"]);
});

test("whatever comes in whatever order, there is one picture at most, and a player that is not idle waits for something", () => {
    let seed = 1;
    const random = (limit) => {
        seed = (seed * 48271) % 2147483647;
        return seed % limit;
    };
    const reasons = [undefined, undefined, undefined, "autoplay", "codec", "password"];
    for (let run = 0; run < 300; run += 1) {
        const player = new Player();
        for (let step = 0; step < 60; step += 1) {
            const attempt = [...player.open.keys()][random(5)] ?? random(40);
            const reason = reasons[random(reasons.length)];
            const failure = { code: "failure", parameters: {}, reason };
            const timers = [...player.timers.keys()];
            const name = timers[random(timers.length || 1)];
            const events = [
                { type: "start" }, { type: "start" }, { type: "found", round: player.round, kinds: ["whep", "mse", "hls"], isSolo: random(5) === 0 },
                { type: "notFound", round: player.round, failure }, { type: "picture", attempt }, { type: "answered", attempt },
                { type: "failed", attempt, failure }, { type: "retryNow" }, { type: "networkChanged" },
                { type: "floats", isSolo: random(2) === 0 }, ...(random(6) === 0 ? [{ type: "stop" }] : []),
            ];
            if (name && random(3) === 0) player.ring(name);
            else player.give(events[random(events.length)]);
            const { state, reason: why } = player.director;
            assert.equal(player.shown !== null, state === "live");
            assert.ok(player.open.size <= 4);
            if (state === "idle") assert.deepEqual([player.open.size, player.timers.size], [0, 0]);
            for (const timer of player.timers.keys()) {
                if (timer.startsWith("late")) assert.ok(player.open.has(Number(timer.slice(5))), "no timer of what is closed");
            }
            const waits = player.timers.size > 0 || player.done.at(-1) === "find" || player.done.includes("find");
            assert.ok(state === "idle" || state === "live" || why || waits, state);
        }
    }
});
