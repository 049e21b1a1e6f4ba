import StreamModel
import Testing

@testable import ControlPlane

/// The rules and texts of contract B.5 and A.2.
@Suite struct PortAllocatorTests {
    private func allocator(taken: Set<Int> = [], takenUDP: Set<Int> = [], system: Int? = nil) -> PortAllocator {
        PortAllocator(
            isFree: { port, kind in kind == .tcp ? !taken.contains(port) : !takenUDP.contains(port) },
            systemAssigned: { system })
    }

    @Test func takesThePreferredPorts() throws {
        let result = try allocator().assign(preferred: PreferredPorts())
        #expect(result.ports == EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997))
        #expect(result.rtp == 50000)
        #expect(result.warnings.map(\.text) == [])
    }

    @Test func takesTheNextFreePortAndSaysSo() throws {
        let result = try allocator(taken: [8554, 8555]).assign(preferred: PreferredPorts())
        #expect(result.ports.rtsp == 8556)
        #expect(result.warnings.map(\.text) == ["RTSP port 8554 unavailable; using 8556."])
    }

    @Test func neverGivesOnePortTwice() throws {
        // HLS moves to 8889, which WebRTC would have preferred.
        let result = try allocator(taken: [8888]).assign(preferred: PreferredPorts())
        #expect(result.ports.hls == 8889)
        #expect(result.ports.webrtc == 8890)
        #expect(
            result.warnings.map(\.text) == [
                "HLS port 8888 unavailable; using 8889.", "WebRTC port 8889 unavailable; using 8890.",
            ])
    }

    @Test func aLowPortHasNoNeighbours() throws {
        var preferred = PreferredPorts()
        preferred.rtsp = 554
        // max(1024, 555) … 554 + 299 is empty, so the system chooses.
        #expect(try allocator(taken: [554], system: 41000).assign(preferred: preferred).ports.rtsp == 41000)
        #expect(throws: PortError.self) { try allocator(taken: [554]).assign(preferred: preferred) }
    }

    @Test func asksTheSystemWhenAllNearAreTaken() throws {
        let result = try allocator(taken: Set(8554...8853), system: 40001).assign(preferred: PreferredPorts())
        #expect(result.ports.rtsp == 40001)
    }

    @Test func keepsThePortsItHad() throws {
        let kept = PortAssignment(
            ports: EnginePorts(rtsp: 8600, hls: 8700, webrtc: 8701, api: 9900), rtp: 50010, warnings: [])
        let result = try allocator().assign(preferred: PreferredPorts(), kept: kept)
        #expect(result.ports == kept.ports)
        #expect(result.rtp == 50010)
    }

    @Test(arguments: [(Set([50000]), 50002), (Set([50001]), 50002), (Set(50000...52001), 10000)])
    func rtpIsAnEvenPair(taken: Set<Int>, expected: Int) throws {
        let result = try allocator(takenUDP: taken).assign(preferred: PreferredPorts())
        #expect(result.rtp == expected)
        #expect(
            result.warnings.map(\.text) == [
                "RTP/RTCP port pair 50000/50001 unavailable; using \(expected)/\(expected + 1)."
            ])
    }

    @Test func inputsHavePortsOfBothKinds() throws {
        let none = try allocator(taken: [1935], takenUDP: [8890]).assign(preferred: PreferredPorts())
        #expect(none.ports.rtmp == 1935 && none.ports.srt == 8890 && none.warnings.isEmpty)
        let first = try allocator(taken: [1935], takenUDP: [8890]).assign(
            preferred: PreferredPorts(), usesInputs: true)
        #expect(first.ports.rtmp == 1936 && first.ports.srt == 8891)
        #expect(
            first.warnings.map(\.text) == [
                "RTMP port 1935 unavailable; using 1936.", "SRT port 8890 unavailable; using 8891.",
            ])
        let second = try allocator().assign(preferred: PreferredPorts(), kept: first, usesInputs: true)
        #expect(second.ports == first.ports)
    }

    @Test func withTLSThereAreSecurePorts() throws {
        #expect(try allocator().assign(preferred: PreferredPorts()).secure == nil)
        let first = try allocator(taken: [8322], takenUDP: [8005]).assign(preferred: PreferredPorts(), usesTLS: true)
        #expect(first.secure == PortAssignment.Secure(rtsps: 8323, srtp: 8006))
        #expect(first.warnings.map(\.text) == ["RTSPS port 8322 unavailable; using 8323."])
        let second = try allocator().assign(preferred: PreferredPorts(), kept: first, usesTLS: true)
        #expect(second.secure == first.secure)
    }

    @Test func theSystemTellsTakenFromFree() throws {
        let system = PortAllocator.system(exposed: false)
        let port = try #require(system.systemAssigned())
        #expect(system.isFree(port, .tcp))
        let listener = try Listener(port: port)
        #expect(!system.isFree(port, .tcp))
        listener.close()
    }
}
