const schemes = new Set(["rtsp", "rtsps", "http", "https", "file"]);

/**
 * What is wrong with a camera's address, by the server's rules: so that a slip is told at the field without asking it.
 * @param {string} address
 * @returns {{key: string, parameters?: Record<string, string>} | null} a text of the interface
 */
export function cameraAddressProblem(address) {
    if (!address) return { key: "camera.url.missing" };
    if (address.startsWith("input:")) return /^input:[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/.test(address) ? null : { key: "camera.url.input" };
    if (address === "demo:" || address.startsWith("/dev/video")) return null;
    if (address.startsWith("homeassistant:")) {
        return /^homeassistant:camera\.[a-z0-9_]{1,200}$/.test(address) ? null : { key: "camera.url.homeAssistant" };
    }
    if (address.startsWith("alsa:")) return { key: "condition.address_microphone" };
    const [, scheme, rest] = /^([^:/]*):\/\/(.*)$/s.exec(address) ?? [];
    if (scheme === undefined) return { key: "camera.url.scheme", parameters: { example: `rtsp://${address}` } };
    if (!schemes.has(scheme.toLowerCase())) return { key: "camera.url.unsupported", parameters: { scheme } };
    if (scheme.toLowerCase() === "file") return rest.startsWith("/") ? null : { key: "camera.url.file" };
    const host = rest.split(/[/?#]/)[0].replace(/^.*@/s, "");
    if (host === "" || host.startsWith(":")) return { key: "camera.url.host" };
    return /[\s\u0000-\u001f]/.test(address) ? { key: "camera.url.space" } : null;
}
