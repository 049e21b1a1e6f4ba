import HTTPTypes
import Hummingbird
import NIOCore

/// The page at `/{path}/`: plays the path by WHEP, without anything that would come from elsewhere.
enum WHEPPage {
    static let response = Response(
        status: .ok,
        headers: [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-cache",
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'",
            .xContentTypeOptions: "nosniff",
        ],
        body: ResponseBody(byteBuffer: ByteBuffer(string: html)))

    /// Muted, because browsers let nothing else play by itself; `?controls=false` and `?muted=false` as MediaMTX has them.
    private static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Stream</title>
        <style>
        html, body { margin: 0; height: 100%; background: #000; color: #fff; font-family: sans-serif; }
        video { width: 100%; height: 100%; object-fit: contain; }
        p { position: absolute; inset: auto 1rem 1rem; margin: 0; text-align: center; text-shadow: 0 0 4px #000; }
        </style>
        </head>
        <body>
        <video autoplay playsinline></video>
        <p role="status">Loading…</p>
        <script type="module">
        const video = document.querySelector("video");
        const status = document.querySelector("p");
        const wants = (name, usual) => ({ true: true, false: false })[new URLSearchParams(location.search).get(name)] ?? usual;
        video.controls = wants("controls", true);
        video.muted = wants("muted", true);
        const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
        let session = null;

        async function play() {
            const connection = new RTCPeerConnection();
            try {
                for (const kind of ["video", "audio"]) connection.addTransceiver(kind, { direction: "recvonly" });
                const stream = new MediaStream();
                connection.ontrack = ({ track }) => stream.addTrack(track);
                await connection.setLocalDescription();
                const answer = await fetch("whep", {
                    method: "POST", headers: { "Content-Type": "application/sdp" }, body: connection.localDescription.sdp,
                });
                const text = await answer.text();
                if (!answer.ok) throw new Error(JSON.parse(text).error);
                session = new URL(answer.headers.get("location"), answer.url);
                await connection.setRemoteDescription({ type: "answer", sdp: text });
                video.srcObject = stream;
                await new Promise((resolve, reject) => {
                    connection.onconnectionstatechange = () => {
                        if (connection.connectionState === "connected") status.textContent = "";
                        if (connection.connectionState === "failed") reject(new Error("The connection was lost."));
                    };
                });
            } finally {
                leave();
                connection.close();
            }
        }

        function leave() {
            if (session) fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
            session = null;
        }

        addEventListener("pagehide", leave);
        for (;;) {
            await play().catch((error) => { status.textContent = error.message; });
            await pause(2);
        }
        </script>
        </body>
        </html>
        """
}
