// Every text of the web interface exists in every language, with the same parameters.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../WebUI/", import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const english = read("i18n/en.json");
const portuguese = read("i18n/pt.json");

test("both languages have the same texts", () => {
    assert.deepEqual(Object.keys(portuguese).sort(), Object.keys(english).sort());
});

test("a text has the same parameters in both languages", () => {
    const parameters = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const key of Object.keys(english)) {
        assert.deepEqual(parameters(portuguese[key]), parameters(english[key]), key);
    }
});

test("every text that the code names exists", () => {
    const sources = readdirSync(new URL("js/", root), { recursive: true }).filter((name) => name.endsWith(".js"));
    assert.ok(sources.length > 30);
    for (const source of sources) {
        const text = readFileSync(new URL(`js/${source}`, root), "utf8");
        for (const [, key] of text.matchAll(/\bt\(\s*"([\w.-]+)"/g)) {
            assert.ok(key in english || `${key}.other` in english, `${source}: ${key}`);
        }
    }
});

test("every code of the server's sentences has a text", () => {
    const server = new URL("../../Sources/", import.meta.url);
    const files = readdirSync(server, { recursive: true }).filter((name) => name.endsWith(".swift"));
    const codes = files.flatMap((name) => {
        const text = readFileSync(new URL(name, server), "utf8");
        return [...text.matchAll(/\b(?:CodedMessage|MessageCode|\.graph)\(\s*"(\w+)"/g)].map(([, code]) => code);
    });
    assert.ok(codes.length > 30);
    const isThere = (code) => [`condition.${code}`, `condition.${code}.other`, `restore.note.${code}`].some((key) => key in english);
    assert.deepEqual(codes.filter((code) => !isThere(code)), []);
});

test("no text for a sentence of the server is left over", () => {
    const server = new URL("../../Sources/", import.meta.url);
    const text = readdirSync(server, { recursive: true }).filter((name) => name.endsWith(".swift"))
        .map((name) => readFileSync(new URL(name, server), "utf8")).join("\n");
    const pages = readdirSync(new URL("js/", root), { recursive: true }).filter((name) => name.endsWith(".js"))
        .map((name) => readFileSync(new URL(`js/${name}`, root), "utf8")).join("\n");
    const codes = Object.keys(english).filter((key) => key.startsWith("condition."))
        .map((key) => key.replace(/^condition\./, "").replace(/\.(one|other)$/, ""));
    assert.deepEqual(codes.filter((code) => !text.includes(`"${code}"`) && !pages.includes(`condition.${code}"`)), []);
});

test("everything that a player logs has a text", () => {
    const folder = new URL("js/player/", root);
    const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
    const codes = (pattern) => [...source.matchAll(pattern)].map(([, code]) => code);
    const logged = codes(/(?:new PlaybackFailure\(|log\.add\("\w+", |\bcode: )(?:\w+ \? )?"(\w+)"(?! *=)/g);
    assert.ok(logged.length > 15, logged.join());
    for (const code of logged.filter((name) => name !== "server")) {
        assert.ok(`player.log.${code}` in english || `player.log.${code}.other` in english, code);
    }
    for (const reason of codes(/new PlaybackBlocked\("([\w-]+)"/g)) assert.ok(`player.blocked.${reason}` in english, reason);
});
