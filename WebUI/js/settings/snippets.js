/** @typedef {import("../core/types.js").OutputURL} OutputURL */

/**
 * The commands that play an output elsewhere.
 * @param {OutputURL} output
 * @returns {{name: string, text: string}[]}
 */
export function snippets(output) {
    const address = withCredentials(output);
    const transport = output.protocol === "rtsp" ? "-rtsp_transport tcp " : "";
    return [
        { name: "ffplay", text: `ffplay -fflags nobuffer ${transport}"${address}"` },
        { name: "VLC", text: `vlc "${address}"` },
    ];
}

/**
 * The address with the user's name in it, and a place for the password, which we do not know.
 * @param {OutputURL} output
 */
function withCredentials(output) {
    if (!output.requires_auth) return output.url;
    const user = encodeURIComponent(output.auth_username ?? "USER");
    return output.url.replace("://", `://${user}:PASSWORD@`);
}
