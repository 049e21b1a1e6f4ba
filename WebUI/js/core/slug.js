/** Letters that Unicode does not decompose into an ASCII letter and a mark. */
const foldings = new Map(
    [["ß", "ss"], ["æ", "ae"], ["œ", "oe"], ["ø", "o"], ["đ", "d"], ["ł", "l"], ["ð", "d"], ["þ", "th"]],
);

/**
 * A name as a part of an address, by the server's rule: trimmed, in lower case, folded to ASCII, everything but
 * letters, digits, `-` and `_` replaced by `-`, without `-` and `_` at the ends.
 * @param {string} text
 * @param {string} fallback
 */
export function slug(text, fallback) {
    const folded = text.trim().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
    const ascii = [...folded].map((character) => foldings.get(character) ?? character).join("");
    return ascii.replace(/[^a-z0-9_-]/g, "-").replace(/^[-_]+|[-_]+$/g, "") || fallback;
}

/**
 * The slug of a name with the smallest number behind it that makes it unlike all those taken.
 * @param {string} text
 * @param {Iterable<string>} taken
 */
export function freeSlug(text, taken) {
    const used = new Set(taken);
    const base = slug(text, "camera");
    let candidate = base;
    for (let number = 2; used.has(candidate); number += 1) candidate = `${base}-${number}`;
    return candidate;
}
