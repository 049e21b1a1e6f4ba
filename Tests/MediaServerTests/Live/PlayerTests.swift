import EngineContract
import Foundation
import Testing

@testable import MediaServer

/// Programs that we did not write.
@Suite(.serialized, .timeLimit(.minutes(2)), .enabled(if: Program.isInstalled("ffmpeg")))
struct PlayerTests {
    /// Publishes a moving picture with ffmpeg while `body` runs.
    private func publishing(
        _ path: String, _ rig: EngineRig, options: [String] = ["-rtsp_transport", "tcp"],
        _ body: () async throws -> Void
    ) async throws {
        let ffmpeg = try Program(
            "ffmpeg",
            [
                "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t",
                "60",
                "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-f", "rtsp",
            ] + options + [rig.url(path)]
        ).start()
        defer { ffmpeg.terminate() }
        #expect(
            try await rig.waitForPath(path, within: .seconds(20)) { $0.isAvailable && ($0.bytesReceived ?? 0) > 20_000 }
        )
        try await body()
    }

    private func decodedFrames(_ input: [String]) async throws -> Int {
        let result = try await Program(
            "ffmpeg",
            ["-nostdin", "-loglevel", "error"] + input + ["-frames:v", "20", "-f", "framehash", "-hash", "crc32", "-"]
        ).run()
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("0,") }.count
    }

    @Test(arguments: ["tcp", "udp"]) func ffmpegReads(transport: String) async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            try await publishing("a", rig) {
                let frames = try await decodedFrames(["-rtsp_transport", transport, "-i", rig.url("a")])
                #expect(frames == 20)
            }
        }
    }

    /// ffmpeg tries UDP first, and TCP when that is refused.
    @Test(arguments: [true, false]) func ffmpegPublishesWithoutBeingToldHow(byUDP: Bool) async throws {
        var configuration = EngineRig.configuration()
        if !byUDP { configuration.rtspTransports = [.tcp] }
        try await EngineRig.run(configuration) { rig in
            try await publishing("a", rig, options: []) {
                let frames = try await decodedFrames(["-i", rig.url("a")])
                #expect(frames == 20)
                let sessions = try await rig.api("GET", "/v3/rtspsessions/list")
                    .decoded(ControlAPI.Page<ControlAPI.RTSPSession>.self).items
                #expect(sessions.first { $0.state == "publish" }?.transport == (byUDP ? "UDP" : "TCP"))
            }
        }
    }

    @Test func ffmpegReadsHLS() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            try await publishing("a", rig) {
                let url = "http://127.0.0.1:\(rig.ports.hls ?? 0)/a/index.m3u8"
                let frames = try await decodedFrames(["-i", url])
                #expect(frames == 20)
                let path = try await rig.paths().first { $0.name == "a" }
                #expect(path?.readers.map(\.type) == ["hlsSession"])
            }
        }
    }

    @Test(.enabled(if: Program.isInstalled("gst-launch-1.0"))) func gstreamerReads() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            try await publishing("a", rig) {
                for protocols in ["tcp", "udp"] {
                    let result = try await Program(
                        "timeout",
                        [
                            "20", "gst-launch-1.0", "-v", "rtspsrc", "location=\(rig.url("a"))",
                            "protocols=\(protocols)", "latency=0", "!", "rtph264depay", "!", "h264parse", "!",
                            "fakesink", "num-buffers=20", "silent=false",
                        ]
                    ).run()
                    // Not by its exit status: when it ends, it breaks off its own PAUSE now and then, and calls that an error.
                    let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
                    #expect(lines.count { $0.contains("last-message = chain") } == 20, "\(protocols)")
                }
            }
        }
    }
}
