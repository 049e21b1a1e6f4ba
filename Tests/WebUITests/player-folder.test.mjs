// The player's folder is used by pages of others as well.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("the player needs nothing but its own folder, and hls.js where there is one", () => {
    const folder = new URL("../../WebUI/js/player/", import.meta.url);
    const imports = readdirSync(folder).flatMap((name) => {
        const text = readFileSync(new URL(name, folder), "utf8");
        return [...text.matchAll(/(?:\bfrom |\bimport\()"([^"]+)"/g)].map(([, path]) => path);
    });
    assert.ok(imports.length > 30);
    assert.deepEqual(imports.filter((path) => !/^\.\/[\w-]+\.js$/.test(path)), ["../../vendor/hls.mjs"]);
});
