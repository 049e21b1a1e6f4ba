import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// A destination by RTSP, which a server in this process takes.
@Suite(.timeLimit(.minutes(1)))
struct PushLoopTests {
    private static func keyframe(_ stream: inout PublishedStream, at time: Int64) -> PublishedUnit {
        let nalUnits: [ArraySlice<UInt8>] = [
            // SPS and PPS of 320×180 as x264 makes them, and the beginning of an IDR.
            [
                0x67, 0x42, 0xC0, 0x0D, 0xD9, 0x01, 0x41, 0x9F, 0x9E, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00,
                0x03, 0x03, 0x20, 0xF1, 0x42, 0x99, 0x20,
            ],
            [0x68, 0xCB, 0x83, 0xCB, 0x20], [0x65, 0x88, 0x84, 0x00, 0x10],
        ]
        return stream.picture(Sample(nalUnits: nalUnits, presentationTime: time, isRandomAccess: true))
    }

    /// Services count attempts, and may lock out who makes too many.
    @Test func aStreamThatChangesAgainIsAnnouncedAfterAPause() async throws {
        let engine = try await FakeEngine.start()
        let destination = try StreamDestination(json: [
            "id": "a", "kind": "rtsp", "address": .string("rtsp://127.0.0.1:\(engine.port)/live"), "active": true,
        ])
        let log = EventLog()
        let monitor = DestinationMonitor(transmissionID: "t", destinationID: "a", events: log.sink)
        let sink = PushSink(destination, monitor: monitor, after: nil, logger: Logger(label: "test"))
        func next(_ state: DestinationState) async -> DestinationStatus? {
            await log.first {
                guard case .destination(let status) = $0, status.state == state else { return nil }
                return status
            }
        }
        var stream = PublishedStream(.h264, origin: .now)
        sink.send([Self.keyframe(&stream, at: 0)])
        _ = await next(.sending)
        // The camera's sound comes.
        stream.sounds = PublishedSounds(of: .format(Sounds.format), for: [destination.sound])
        sink.send([Self.keyframe(&stream, at: 90_000)])
        let waiting = try #require(
            await log.first { if case .destination(let status) = $0 { status } else { nil } })
        #expect(waiting.state == .waiting && waiting.messageCode?.code == "destination_changes")
        #expect(waiting.retryAtUnix != nil)
        // And it goes on.
        _ = await next(.connecting)
        sink.send([Self.keyframe(&stream, at: 180_000)])
        _ = await next(.sending)
        sink.stop()
        sink.thread?.join()
        try await engine.kill()
    }
}
