import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

/// The file as each release of MediaMTX reads it (mediamtx-facts E.1; the keys were compared with `internal/conf/conf.go`
/// at the tags v1.15.3, v1.15.4, v1.16.2, v1.18.2, v1.19.0, v1.19.3 and v1.20.1).
@Suite struct MediaMTXConfigurationTests {
    private func file(_ version: MediaMTXVersion?) -> [Substring] {
        let builder = EngineConfigurationBuilder(
            apiUser: "u", apiPassword: Secret("p"), reader: .random(),
            publishSecret: Array(0...31), demandHook: "true", allowedOrigins: ["https://dash.example"])
        let ports = PortAssignment(
            ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: [])
        let configuration = builder.configuration(
            for: EngineGoal(StoredConfiguration()), ports: ports)
        return configuration.yaml(for: version).split(separator: "\n")
    }

    @Test(arguments: [MediaMTXVersion(1, 16, 2), MediaMTXVersion(1, 17, 1), MediaMTXVersion(1, 18, 2)])
    func beforeItExistsMoQIsNotMentioned(_ version: MediaMTXVersion) {
        #expect(!file(version).contains { $0.hasPrefix("moq") })
        #expect(file(version).contains("apiAllowOrigins:"))
    }

    @Test(arguments: [MediaMTXVersion(1, 19, 0), MediaMTXVersion(1, 19, 3), MediaMTXVersion(1, 20, 1)])
    func sinceItIsOnByDefaultMoQIsOff(_ version: MediaMTXVersion) {
        #expect(file(version).contains("moq: false"))
    }

    @Test func olderReleasesHaveOneOrigin() {
        let old = file(MediaMTXVersion(1, 15, 3))
        #expect(
            old.contains("hlsAllowOrigin: \"https://dash.example\"") && !old.contains { $0.contains("AllowOrigins") })
        #expect(file(MediaMTXVersion(1, 15, 4)).contains("hlsAllowOrigins:"))
    }

    /// By `internal/conf/path.go` at the tags v1.11.3 and v1.12.0.
    @Test func pathsGoByTheClockOfOurReports() {
        let lines = file(MediaMTXVersion(1, 12, 0))
        #expect(
            zip(lines, lines.dropFirst()).contains { $0 == "pathDefaults:" && $1 == "  useAbsoluteTimestamp: true" })
        #expect(!file(MediaMTXVersion(1, 11, 3)).contains("pathDefaults:"))
        #expect(!file(nil).contains("pathDefaults:"))
    }

    @Test func onlyWhatWeServeIsOn() {
        let lines = file(MediaMTXVersion(1, 20, 1))
        for name in ["rtmp", "srt", "moq", "metrics", "pprof", "playback"] { #expect(lines.contains("\(name): false")) }
        #expect(lines.contains("apiAddress: \"127.0.0.1:9997\""))
    }

    @Test(arguments: [
        ("v1.16.2", MediaMTXVersion(1, 16, 2)), ("1.16.2", MediaMTXVersion(1, 16, 2)),
        ("v1.20.1\n", MediaMTXVersion(1, 20, 1)), ("v1.19.0-3-g12ab", MediaMTXVersion(1, 19, 0)),
        ("v1.16", nil), ("v1.16.2.1", nil), ("", nil), ("vx.y.z", nil), ("v1..2", nil), ("v1.99999.2", nil),
        ("v99999999999999999999.1.1", nil),
    ])
    func versionsAreRead(_ text: String, _ version: MediaMTXVersion?) {
        #expect(MediaMTXVersion(text) == version)
    }

    @Test func versionsAreComparedAsNumbers() {
        #expect(MediaMTXVersion(1, 9, 0) < MediaMTXVersion(1, 16, 2))
        #expect(!(MediaMTXVersion(2, 0, 0) < MediaMTXVersion(1, 99, 99)))
    }
}
