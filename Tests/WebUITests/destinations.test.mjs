// What the pages make of destinations. Run with `node --test Tests/WebUITests/`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeState } from "../../WebUI/js/core/merged-state.js";
import {
    customPreset, destinationPresets, hasKey, newDestination, withoutReadOnlyMembers,
} from "../../WebUI/js/settings/destinations.js";

test("a new destination is sent nothing, and asks no camera for another size", () => {
    for (const { id, kind, address } of destinationPresets) {
        const destination = newDestination("d", id);
        assert.equal(destination.active, false);
        assert.equal(destination.resolution ?? null, null);
        assert.equal(destination.kind, kind);
        assert.ok(address.startsWith(`${kind}://`) && hasKey(kind), address);
        // The key comes behind it: an address with one would be refused.
        assert.equal(new URL(address.replace(/^rtmps?/, "https")).pathname.split("/").filter(Boolean).length, 1, address);
    }
    assert.equal(newDestination("d", customPreset).address, "");
});

test("what only answers have is no part of a request, and a secret that nobody typed neither", () => {
    const answer = { ...newDestination("d", "twitch"), key_set: true, srt_passphrase_set: false, srt_stream_id_set: false };
    assert.deepEqual(withoutReadOnlyMembers(answer), newDestination("d", "twitch"));
    assert.equal(withoutReadOnlyMembers({ ...answer, key: "k" }).key, "k");
});

test("destinations come whole with each event that has some", () => {
    const [one, other] = ["a", "b"].map((destination_id) => ({ destination_id }));
    const whole = mergeState(null, { at_unix: 1, destinations: [one, other] });
    assert.deepEqual(mergeState(whole, { at_unix: 2 }).destinations, [one, other]);
    assert.deepEqual(mergeState(whole, { at_unix: 2, destinations: [] }).destinations, []);
});
