// What travels with the pictures of HLS is found in the tracks of a video.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MetadataCues } from "../../WebUI/js/player/metadata-cues.js";

const cue = (startTime, data, info = "toposync.metadata", key = "TXXX") => ({ startTime, value: { key, info, data } });

/** A track that gives up its cues. */
function makeTrack(mode, ...cues) {
    return { kind: "metadata", mode, cues, removeCue: (cue) => cues.splice(cues.indexOf(cue), 1) };
}

test("each text of our tags is taken once, with the time of its picture, and not kept", () => {
    const others = cue(1, "{}", "others");
    const track = makeTrack("disabled", cue(1, '{"n":1}'), cue(1.02, '{"n":1.5}'), others);
    const subtitles = { kind: "subtitles", mode: "disabled", cues: [cue(1, '{"n":9}')] };
    const found = [];
    const cues = new MetadataCues({ textTracks: [subtitles, track] }, { add: (time, value) => found.push([time, value]) });
    cues.look();
    track.cues.push(cue(1.04, '{"n":2}'));
    cues.look();
    assert.deepEqual(found, [[1, { n: 1 }], [1.02, { n: 1.5 }], [1.04, { n: 2 }]]);
    assert.deepEqual(track.cues, [others]);
    assert.deepEqual([track.mode, subtitles.mode], ["hidden", "disabled"]);
});

test("tags of others are left alone", () => {
    const track = makeTrack(
        "hidden", cue(1, "{}", "others"), cue(1, "{}", "toposync.metadata", "PRIV"), cue(1, "no JSON"), { startTime: 1 });
    const cues = new MetadataCues({ textTracks: [track] }, { add: () => assert.fail() });
    cues.look();
});

test("a track without cues is none", () => {
    new MetadataCues({ textTracks: [{ kind: "metadata", mode: "hidden", cues: null }] }, { add: () => assert.fail() }).look();
});
