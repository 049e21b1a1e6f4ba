/**
 * What the part of an address behind `#` says: `#stream=front%20door` has the name `stream` and the value `front door`.
 * A value that nobody could have encoded is taken as it stands: anybody may make a link.
 * @param {string} hash
 * @returns {{name: string, value: string}}
 */
export function readHash(hash) {
    const [name, ...rest] = hash.replace(/^#/, "").split("=");
    const text = rest.join("=");
    try {
        return { name, value: decodeURIComponent(text) };
    } catch {
        return { name, value: text };
    }
}
