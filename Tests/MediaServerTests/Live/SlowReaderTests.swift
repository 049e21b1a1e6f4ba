import EngineContract
import StreamProtocols
import Testing

@testable import MediaServer

/// R7 of the quality bars.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SlowReaderTests {
    @Test func viewersWhoNeverReadCostTheOthersNothing() async throws {
        var configuration = EngineRig.configuration()
        // Longer than the test on any machine: here nobody is disconnected.
        configuration.writeTimeout = .seconds(110)
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            var viewers: [RTSPTestClient] = []
            for index in 0..<50 {
                let viewer = try await RTSPTestClient(port: port)
                try await viewer.play(rig.url("a"))
                if index >= 40 { try await viewer.stopReading() }
                viewers.append(viewer)
            }
            // 16 MB for each: more than the sockets' buffers and the engine's queue hold.
            let unitCount = 200
            let size = 80_000
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for viewer in viewers.prefix(40) {
                    group.addTask {
                        var units = 0
                        var last: UInt16?
                        while units < unitCount {
                            let packet = try await viewer.packet()
                            if let last, packet.sequenceNumber != last &+ 1 { return false }
                            last = packet.sequenceNumber
                            if packet.marker { units += 1 }
                        }
                        return true
                    }
                }
                var pictures = TestPictures()
                pictures.byteCount = size
                for _ in 0..<unitCount {
                    try await publisher.send(pictures.next())
                    // 100 pictures in a second; who reads keeps up with that.
                    try await Task.sleep(for: .milliseconds(10))
                }
                var complete = 0
                for try await isComplete in group where isComplete { complete += 1 }
                #expect(complete == 40)
            }
            // The others were given no more than their sockets and the queue hold.
            let sessions = try await rig.api("GET", "/v3/rtspsessions/list")
                .decoded(ControlAPI.Page<ControlAPI.RTSPSession>.self).items
            let slow = sessions.filter { $0.state == "read" && $0.bytesSent < unitCount * size * 3 / 4 }
            #expect(slow.count == 10)
            for viewer in viewers { try await viewer.close() }
        }
    }

    @Test func whoReadsNothingForTheWriteTimeoutIsDisconnected() async throws {
        var configuration = EngineRig.configuration()
        configuration.writeTimeout = .milliseconds(500)
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            let viewer = try await RTSPTestClient(port: port)
            try await viewer.play(rig.url("a"))
            try await viewer.stopReading()
            var pictures = TestPictures()
            pictures.byteCount = 80_000
            for _ in 0..<250 { try await publisher.send(pictures.next()) }
            #expect(try await rig.waitForPath("a", within: .seconds(20)) { $0.readers.isEmpty })
            #expect(try await rig.paths().first { $0.name == "a" }?.isAvailable == true)
            try await viewer.close()
        }
    }
}
