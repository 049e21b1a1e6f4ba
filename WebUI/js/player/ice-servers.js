/**
 * The ICE servers that a WHEP server names in `Link` fields (RFC 9725 §4.6).
 * @param {string | null} link all of them, as `Headers` joins them
 * @returns {RTCIceServer[]}
 */
export function iceServers(link) {
    const servers = [];
    for (const [, url, parameters] of (link ?? "").matchAll(/<([^>]+)>((?:\s*;\s*[^\s=;,]+=(?:"(?:\\.|[^"\\])*"|[^\s;,]+))*)/g)) {
        const values = new Map([...parameters.matchAll(/([^\s=;]+)=(?:"((?:\\.|[^"\\])*)"|([^\s;,]+))/g)].map(
            ([, name, quoted, plain]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain],
        ));
        if (values.get("rel") !== "ice-server") continue;
        const username = values.get("username");
        const credential = values.get("credential");
        servers.push(username === undefined ? { urls: url } : { urls: url, username, credential });
    }
    return servers;
}
