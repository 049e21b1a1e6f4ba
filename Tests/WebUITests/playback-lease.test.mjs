// The lease of a player, with a clock of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaybackLease } from "../../WebUI/js/player/playback-lease.js";

/** Notes what is asked of the server. */
class Server {
    calls = [];
    fails = false;

    async sendHeartbeat(id, session, seconds) {
        this.calls.push(["heartbeat", id, session, seconds]);
        if (this.fails) throw new Error("away");
        return { leased_outputs: 2 };
    }

    async endHeartbeat(id, session) {
        this.calls.push(["end", id, session]);
    }

    count(name) {
        return this.calls.filter(([call]) => call === name).length;
    }
}

/** Lets what was awaited go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function pass(context, milliseconds) {
    context.mock.timers.tick(milliseconds);
    await settle();
}

test("a lease is renewed twice before it would run out, until it is ended", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new Server();
    const lease = new PlaybackLease(server, "t");
    assert.equal(await lease.begin(new AbortController().signal), 2);
    for (let beats = 1; beats <= 4; beats += 1) {
        assert.equal(server.count("heartbeat"), beats);
        await pass(context, 15_000);
    }
    const [, id, session, seconds] = server.calls[0];
    assert.equal(id, "t");
    assert.match(session, /^[0-9a-f]{32}$/);
    assert.equal(seconds, 45);
    lease.end();
    lease.end();
    await pass(context, 60_000);
    assert.deepEqual(server.calls.slice(5), [["end", "t", session]]);
});

test("a heartbeat that is lost is followed by the next", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new Server();
    server.fails = true;
    const lease = new PlaybackLease(server, "t");
    await assert.rejects(lease.begin(new AbortController().signal), /away/);
    await pass(context, 15_000);
    server.fails = false;
    await pass(context, 15_000);
    assert.equal(server.count("heartbeat"), 3);
    lease.end();
});

test("a player that was stopped says nothing more, and each player has a name of its own", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new Server();
    const session = new AbortController();
    await new PlaybackLease(server, "t").begin(session.signal);
    session.abort();
    await pass(context, 60_000);
    assert.equal(server.count("heartbeat"), 1);
    await new PlaybackLease(server, "t").begin(session.signal);
    assert.notEqual(server.calls[0][2], server.calls[1][2]);
});
