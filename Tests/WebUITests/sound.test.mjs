// Which stream is heard, and how a browser that wants the user's touch first keeps its picture.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { VideoSound } from "../../WebUI/js/player/video-sound.js";
import { SoundChoice } from "../../WebUI/js/streams/sound-choice.js";

beforeEach(() => {
    const items = new Map();
    globalThis.localStorage = {
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => items.set(name, value),
        removeItem: (name) => items.delete(name),
    };
});

test("one stream is heard at a time, and what is heard is remembered", () => {
    const choice = new SoundChoice();
    let changes = 0;
    choice.addEventListener("change", () => {
        changes += 1;
    });
    for (const id of ["a", "b", "c"]) choice.show(id);
    assert.equal(choice.heard, null);
    choice.turnOn("a");
    choice.setVolume("b", 0.4);
    assert.equal(choice.heard, "b");
    assert.equal(changes, 5);
    const next = new SoundChoice();
    assert.deepEqual([next.heard, next.volume], [null, 0.4], "nothing is shown yet");
    next.show("b");
    assert.equal(next.heard, "b");
    next.setVolume("b", 0);
    assert.equal(next.heard, null);
    assert.equal(new SoundChoice().volume, 0.4, "a slider at its left end does not make the next sound one that can't be heard");
    new SoundChoice().show("b");
    assert.equal(new SoundChoice().heard, null);
});

test("a volume that makes no sense is the full one", () => {
    for (const text of ["", "loud", "-1", "0", "7", "NaN"]) {
        localStorage.setItem("toposync.streaming.sound.volume", text);
        assert.equal(new SoundChoice().volume, 1, text);
    }
});

test("sound follows from picture to picture where one is shown alone, ends when it is left, and comes back with its own", () => {
    const choice = new SoundChoice();
    for (const id of ["a", "b"]) choice.show(id);
    choice.turnOn("a");
    choice.leave("a");
    assert.equal(choice.heard, "b");
    choice.show("c");
    assert.equal(choice.heard, null, "which one of two is nobody's choice");
    choice.show("a");
    assert.equal(choice.heard, "a");
    for (const id of ["a", "b", "c"]) choice.leave(id);
    assert.equal(choice.heard, null);
});

/** A video of a browser that pauses it when it is to be heard before the user touched the page, as Chromium, WebKit and Firefox do. */
class Video {
    paused = true;
    volume = 1;
    touched = false;
    #muted = true;

    get muted() {
        return this.#muted;
    }

    set muted(value) {
        this.#muted = value;
        if (!this.#mayPlay) this.paused = true;
    }

    async play() {
        if (!this.#mayPlay) throw new DOMException("touch it first", "NotAllowedError");
        this.paused = false;
    }

    get #mayPlay() {
        return this.#muted || this.touched;
    }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("where the browser refuses sound, the picture goes on without, until the user touches the page", async () => {
    const video = new Video();
    let refusals = 0;
    const sound = new VideoSound(video, () => {
        refusals += 1;
    });
    assert.equal(await sound.play(), true);
    sound.hear(0.5);
    await settle();
    assert.deepEqual([video.paused, video.muted, sound.isRefused, refusals], [false, true, true, 1]);
    // What is drawn again asks again, which must not stop the picture for a moment each time.
    sound.hear(0.5);
    await settle();
    assert.deepEqual([video.paused, refusals], [false, 1]);
    video.touched = true;
    sound.insist();
    sound.hear(0.5);
    await settle();
    assert.deepEqual([video.paused, video.muted, video.volume, sound.isRefused], [false, false, 0.5, false]);
    sound.silence();
    assert.deepEqual([video.paused, video.muted], [false, true]);
});

test("a picture that begins with sound wanted begins without where the browser refuses it", async () => {
    const video = new Video();
    const sound = new VideoSound(video, () => {});
    sound.hear(1);
    assert.equal(video.paused, true, "there is nothing to play yet");
    assert.equal(await sound.play(), true);
    assert.deepEqual([video.paused, video.muted, sound.isRefused], [false, true, true]);
    sound.silence();
    assert.equal(sound.isRefused, false);
});

test("a video that takes the place of another is heard as that was", async () => {
    const [first, second, third] = [new Video(), new Video(), new Video()];
    for (const video of [first, second, third]) Object.assign(video, { touched: true, paused: false });
    const sound = new VideoSound(first, () => {});
    sound.hear(0.3);
    sound.attach(second);
    await settle();
    assert.deepEqual([first.muted, second.muted, second.volume, second.paused], [true, false, 0.3, false]);
    sound.silence();
    sound.attach(third);
    assert.deepEqual([second.muted, third.muted], [true, true]);
});

test("a browser that plays nothing by itself is told from one that refuses sound", async () => {
    const video = new Video();
    video.play = async () => {
        throw new DOMException("low power", "NotAllowedError");
    };
    assert.equal(await new VideoSound(video, () => {}).play(), false);
    video.play = async () => {
        throw new DOMException("load() came between", "AbortError");
    };
    assert.equal(await new VideoSound(video, () => {}).play(), true);
});
