import assert from "node:assert/strict";
import { test } from "node:test";

import { lowLatencyPlace } from "../../WebUI/js/player/low-latency.js";

test("connections that are not shared are left to others", () => {
    const first = lowLatencyPlace(false);
    const second = lowLatencyPlace(false);
    assert.ok(first && second);
    assert.equal(lowLatencyPlace(false), null);
    // Given back twice, it is one place.
    first();
    first();
    const third = lowLatencyPlace(false);
    assert.ok(third);
    assert.equal(lowLatencyPlace(false), null);
    second();
    third();
});

test("a connection that is shared has room for all", () => {
    const places = Array.from({ length: 16 }, () => lowLatencyPlace(true));
    assert.ok(places.every(Boolean));
    for (const giveBack of places) giveBack?.();
});
