import { pause } from "../player/abort.js";
import { gathered } from "../player/gathering.js";
import { iceServers } from "../player/ice-servers.js";
import { answerCandidates, selectedPair } from "./webrtc-test.js";

/** Candidates that take longer are rarely needed. */
const gatheringMilliseconds = 1000;
/** Longer than a player waits: whoever tests wants to know, and TURN takes its time. */
const pathMilliseconds = 10_000;
const pictureMilliseconds = 8_000;

/**
 * Opens a session as a player does, and tells a test what comes of it.
 * @param {string} url of WHEP
 * @param {import("./webrtc-test.js").WebRTCTest} test
 * @param {AbortSignal} signal
 */
export async function probeWebRTC(url, test, signal) {
    if (typeof RTCPeerConnection !== "function") {
        test.browserKnown(false, false);
        return;
    }
    const options = await ask(url, { method: "OPTIONS", signal });
    const connection = new RTCPeerConnection({ iceServers: iceServers(options?.headers.get("link") ?? null) });
    let session = null;
    try {
        const picture = firstMedia(connection);
        connection.addTransceiver("video", { direction: "recvonly" });
        connection.addTransceiver("audio", { direction: "recvonly" });
        await connection.setLocalDescription();
        const offer = () => connection.localDescription?.sdp ?? "";
        test.browserKnown(true, /^a=rtpmap:\d+ H264\//im.test(offer()));
        if (test.state === "bad") return;
        await Promise.race([gathered(connection), pause(gatheringMilliseconds, signal)]);
        const answer = await ask(url, {
            method: "POST", headers: { "Content-Type": "application/sdp" }, body: offer(), signal,
        });
        if (!answer?.ok) {
            test.refused(answer?.status ?? null);
            return;
        }
        const location = answer.headers.get("location");
        session = location && new URL(location, answer.url).href;
        const sdp = await answer.text();
        test.answered(answerCandidates(sdp));
        if (test.state === "bad") return;
        await connection.setRemoteDescription({ type: "answer", sdp });
        await Promise.race([settled(connection), pause(pathMilliseconds, signal)]);
        const pair = connection.connectionState === "connected" ? selectedPair(await connection.getStats()) : null;
        if (!pair) {
            test.notConnected(["connected", "completed"].includes(connection.iceConnectionState));
            return;
        }
        test.connected(pair);
        const came = await Promise.race([picture, pause(pictureMilliseconds, signal)]);
        if (came) test.pictureCame();
        else test.noPicture();
    } finally {
        // First: a connection that says goodbye ends its session.
        if (session) await fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
        connection.close();
    }
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<Response | null>} null when there was no answer
 */
async function ask(url, init) {
    try {
        return await fetch(url, { ...init, cache: "no-store" });
    } catch (error) {
        if (init.signal?.aborted) throw error;
        return null;
    }
}

/**
 * Answers when the connection is there, or can't be made.
 * @param {RTCPeerConnection} connection
 * @returns {Promise<void>}
 */
function settled(connection) {
    return new Promise((resolve) => {
        const look = () => {
            if (["connected", "failed", "closed"].includes(connection.connectionState)) resolve();
        };
        connection.addEventListener("connectionstatechange", look);
        look();
    });
}

/**
 * Answers when something of the picture has come.
 * @param {RTCPeerConnection} connection
 * @returns {Promise<boolean>}
 */
function firstMedia(connection) {
    return new Promise((resolve) => {
        connection.addEventListener("track", ({ track }) => {
            if (track.kind !== "video") return;
            // Until the first packet, a track is muted.
            if (track.muted) track.addEventListener("unmute", () => resolve(true), { once: true });
            else resolve(true);
        });
    });
}
