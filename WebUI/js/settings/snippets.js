/** @typedef {import("../types/runtime.js").OutputURL} OutputURL */

/**
 * What plays an output elsewhere, ready to be copied. Where a password is needed there is a place for it, which we do not
 * know.
 * @param {OutputURL} output
 * @returns {{name: string, text: string}[]}
 */
export function snippets(output) {
    const name = output.resolved_engine_path.replace(/[^A-Za-z0-9_]+/g, "_");
    switch (output.protocol) {
        case "rtsp": {
            const address = withCredentials(output);
            return [
                homeAssistant(output),
                { name: "go2rtc", text: `streams:\n  ${name}:\n    - ${address}` },
                { name: "Frigate", text: frigate(name, address) },
                { name: "VLC", text: `vlc "${address}"` },
                { name: "ffplay", text: `ffplay -fflags nobuffer -rtsp_transport tcp "${address}"` },
            ];
        }
        case "hls": {
            const address = withCredentials(output);
            return [
                homeAssistant(output),
                { name: "VLC", text: `vlc "${address}"` },
                { name: "ffplay", text: `ffplay -fflags nobuffer "${address}"` },
            ];
        }
        case "webrtc":
            return [{ name: "go2rtc", text: `streams:\n  ${name}:\n    - webrtc:${withCredentials(output)}` }];
    }
}

/**
 * What the form of the integration “Generic Camera” asks for.
 * @param {OutputURL} output
 */
function homeAssistant(output) {
    const lines = [`Stream Source URL: ${output.url}`];
    if (output.protocol === "rtsp") lines.push("RTSP transport protocol: TCP");
    if (output.requires_auth) lines.push(`Username: ${output.auth_username ?? ""}`, "Password: …");
    return { name: "Home Assistant (Generic Camera)", text: lines.join("\n") };
}

/**
 * @param {string} name
 * @param {string} address
 */
function frigate(name, address) {
    return [
        "cameras:", `  ${name}:`, "    ffmpeg:", "      inputs:", `        - path: ${address}`,
        "          input_args: preset-rtsp-generic", "          roles: [detect, record]",
    ].join("\n");
}

/**
 * The address with the user's name in it, and a place for the password.
 * @param {OutputURL} output
 */
function withCredentials(output) {
    if (!output.requires_auth) return output.url;
    const user = encodeURIComponent(output.auth_username ?? "USER");
    return output.url.replace("://", `://${user}:PASSWORD@`);
}
