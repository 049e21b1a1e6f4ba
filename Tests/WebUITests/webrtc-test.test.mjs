// What the test of WebRTC on the Settings page makes of what happens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answerCandidates, selectedPair, WebRTCTest } from "../../WebUI/js/settings/webrtc-test.js";

const english = JSON.parse(readFileSync(new URL("../../WebUI/i18n/en.json", import.meta.url), "utf8"));

const candidates = [
    { transport: "udp", address: "172.17.0.2", port: 8189 },
    { transport: "udp", address: "fe80:0:0:0:0:0:0:1", port: 8189 },
    { transport: "tcp", address: "172.17.0.2", port: 8190 },
];

/** A test that came so far as these calls bring it; what it says has a text with these parameters. */
function after(...calls) {
    const found = new WebRTCTest("192.168.1.5");
    let changes = 0;
    found.addEventListener("change", () => { changes += 1; });
    for (const [method, ...parameters] of calls) found[method](...parameters);
    assert.equal(changes >= calls.length, true);
    for (const { key, parameters } of [...found.steps.map(({ sentence }) => sentence), ...found.advice].filter(Boolean)) {
        assert.ok(key in english, key);
        const named = [...english[key].matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        assert.deepEqual(Object.keys(parameters).sort(), named.sort(), key);
    }
    return found;
}

const states = (found) => found.steps.map(({ state }) => state);
const advice = (found) => found.advice.map(({ key }) => key.replace("webrtcTest.advice.", ""));
const browser = ["browserKnown", true, true];

test("each step follows the one before, and the last ends it", () => {
    const pair = { transport: "udp", isRelayed: false, address: "192.168.1.5", port: 8189, milliseconds: 0.4 };
    assert.deepEqual(states(after()), ["running", "waiting", "waiting", "waiting"]);
    assert.deepEqual(states(after(browser)), ["good", "running", "waiting", "waiting"]);
    const found = after(browser, ["answered", candidates], ["connected", pair]);
    assert.deepEqual(states(found), ["good", "good", "good", "running"]);
    assert.equal(found.state, "running");
    assert.deepEqual(found.steps[1].sentence.parameters, {
        places: "172.17.0.2:8189 (UDP), [fe80:0:0:0:0:0:0:1]:8189 (UDP), 172.17.0.2:8190 (TCP)",
    });
    assert.deepEqual(found.steps[2].sentence, {
        key: "webrtcTest.path.found.timed", parameters: { transport: "UDP", place: "192.168.1.5:8189", time: 1 },
    });
    found.pictureCame();
    assert.equal(found.state, "good");
    assert.deepEqual(found.advice, []);
});

test("a way by TCP or a TURN server is told apart", () => {
    const pair = { transport: "tcp", isRelayed: false, address: "203.0.113.7", port: 8190, milliseconds: null };
    const found = after(browser, ["answered", candidates], ["connected", pair], ["pictureCame"]);
    assert.equal(found.state, "good");
    assert.equal(found.steps[2].sentence.key, "webrtcTest.path.found");
    assert.deepEqual(found.advice, [{ key: "webrtcTest.advice.preferUDP", parameters: { port: 8189 } }]);
    const relayed = after(browser, ["answered", candidates], ["connected", { ...pair, isRelayed: true, milliseconds: 30.6 }]);
    assert.equal(relayed.steps[2].sentence.key, "webrtcTest.path.relayed.timed");
    assert.equal(relayed.steps[2].sentence.parameters.time, 31);
});

test("where no way is found, it says which ports to open and which address to tell", () => {
    const found = after(browser, ["answered", candidates], ["notConnected", false]);
    assert.equal(found.state, "bad");
    assert.deepEqual(states(found), ["good", "good", "bad", "waiting"]);
    assert.deepEqual(found.advice, [
        { key: "webrtcTest.advice.reach", parameters: { hosts: "172.17.0.2, fe80:0:0:0:0:0:0:1" } },
        { key: "webrtcTest.advice.openUDP", parameters: { port: 8189 } },
        { key: "webrtcTest.advice.openTCP", parameters: { port: 8190 } },
        { key: "webrtcTest.advice.addHost", parameters: { host: "192.168.1.5" } },
    ]);
    const told = after(
        browser, ["answered", [{ transport: "udp", address: "192.168.1.5", port: 1 }]], ["notConnected", false],
    );
    assert.deepEqual(advice(told), ["reach", "openUDP"]);
    assert.deepEqual(advice(after(browser, ["answered", candidates], ["notConnected", true])), ["handshake"]);
    assert.deepEqual(advice(after(browser, ["answered", []])), ["addHosts"]);
});

test("what is wrong before and after the way has a sentence of its own", () => {
    assert.deepEqual(advice(after(["browserKnown", false, false])), ["otherBrowser"]);
    assert.deepEqual(advice(after(["browserKnown", true, false])), ["noH264"]);
    for (const status of [401, 404, 422, 503]) {
        assert.equal(after(browser, ["refused", status]).steps[1].sentence.key, `webrtcTest.answer.${status}`);
    }
    assert.deepEqual(after(browser, ["refused", 502]).steps[1].sentence.parameters, { status: 502 });
    assert.deepEqual(advice(after(browser, ["refused", null])), ["engine"]);
    const pair = { transport: "udp", isRelayed: false, address: "::1", port: 1, milliseconds: 1 };
    const silent = after(browser, ["answered", candidates], ["connected", pair], ["noPicture"]);
    assert.deepEqual(advice(silent), ["stream"]);
    assert.equal(silent.state, "bad");
});

test("candidates are read from an answer", () => {
    // RFC 8839 §5.1, RFC 6544 §4.5.
    const sdp = "v=0\r\na=candidate:1 1 udp 2130706431 192.168.1.5 8189 typ host\r\n"
        + "a=candidate:2 1 TCP 1019216383 2001:db8::1 8190 typ host tcptype passive\r\na=end-of-candidates\r\n";
    assert.deepEqual(answerCandidates(sdp), [
        { transport: "udp", address: "192.168.1.5", port: 8189 }, { transport: "tcp", address: "2001:db8::1", port: 8190 },
    ]);
    assert.deepEqual(answerCandidates("v=0\r\n"), []);
});

test("the pair in use is found as each browser tells it", () => {
    const entries = [
        { id: "l1", type: "local-candidate", candidateType: "host" },
        { id: "r1", type: "remote-candidate", address: "10.0.0.1", port: 1, protocol: "udp" },
        { id: "l2", type: "local-candidate", candidateType: "srflx" },
        { id: "r2", type: "remote-candidate", ip: "10.0.0.2", port: 2, protocol: "tcp" },
    ];
    const one = { id: "p1", type: "candidate-pair", localCandidateId: "l1", remoteCandidateId: "r1", state: "succeeded" };
    const two = { id: "p2", type: "candidate-pair", localCandidateId: "l2", remoteCandidateId: "r2", state: "succeeded" };
    const stats = (...more) => new Map([...entries, ...more].map((entry) => [entry.id, entry]));
    const found = (...more) => selectedPair(stats(...more));
    const expected = { transport: "tcp", isRelayed: false, address: "10.0.0.2", port: 2, milliseconds: null };
    assert.deepEqual(found(one, two, { id: "t", type: "transport", selectedCandidatePairId: "p2" }), expected);
    assert.deepEqual(found(one, { ...two, selected: true }), expected);
    assert.deepEqual(found(one, { ...two, nominated: true, currentRoundTripTime: 0.02 }), { ...expected, milliseconds: 20 });
    assert.equal(found(one, two), null);
    assert.equal(found({ ...one, selected: true }, { ...entries[0], candidateType: "relay" }).isRelayed, true);
    assert.equal(found({ ...two, selected: true, remoteCandidateId: "gone" }), null);
});
