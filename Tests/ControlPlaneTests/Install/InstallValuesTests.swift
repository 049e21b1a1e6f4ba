import EngineContract
import Testing

@testable import ControlPlane

@Suite struct MachinePlatformTests {
    /// What `uname -s` and `uname -m` say, and the name in MediaMTX's releases (mediamtx-facts E.9).
    @Test(arguments: [
        ("Linux", "x86_64", true, "mediamtx_v1.16.2_linux_amd64.tar.gz"),
        ("Linux", "aarch64", true, "mediamtx_v1.16.2_linux_arm64.tar.gz"),
        // A Raspberry Pi whose kernel has 64 bits and whose programs have 32.
        ("Linux", "aarch64", false, "mediamtx_v1.16.2_linux_armv7.tar.gz"),
        ("Linux", "armv8l", false, "mediamtx_v1.16.2_linux_armv7.tar.gz"),
        ("Linux", "armv7l", false, "mediamtx_v1.16.2_linux_armv7.tar.gz"),
        ("Linux", "armv6l", false, "mediamtx_v1.16.2_linux_armv6.tar.gz"),
        ("Darwin", "x86_64", true, "mediamtx_v1.16.2_darwin_amd64.tar.gz"),
        ("Darwin", "arm64", true, "mediamtx_v1.16.2_darwin_arm64.tar.gz"),
    ])
    func assetsAreNamedAsUpstreamNamesThem(_ system: String, _ machine: String, _ is64Bit: Bool, _ name: String) {
        let platform = MachinePlatform(system: system, machine: machine, is64Bit: is64Bit)
        #expect(platform?.archiveName(version: "v1.16.2") == name)
    }

    @Test(arguments: [
        ("Linux", "riscv64", true), ("Linux", "x86_64", false), ("FreeBSD", "amd64", true), ("", "", true),
        ("Windows_NT", "AMD64", true),
    ])
    func otherMachinesHaveNone(_ system: String, _ machine: String, _ is64Bit: Bool) {
        #expect(MachinePlatform(system: system, machine: machine, is64Bit: is64Bit) == nil)
    }
}

@Suite struct ChecksumListTests {
    @Test func linesAreThoseOfSHA256Sum() {
        let sum = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
        let list = ChecksumList(
            """
            # \(sum) *commented.tar.gz
            \(sum) *binary.tar.gz
            \(sum)  text.tar.gz
            \(sum)\t*tab.tar.gz\r
            1234 *short.tar.gz
            \(sum.dropLast())g *no-hex.tar.gz
            """)
        for name in ["binary.tar.gz", "text.tar.gz", "tab.tar.gz"] { #expect(list[name] == sum.lowercased()) }
        for name in ["commented.tar.gz", "short.tar.gz", "no-hex.tar.gz"] { #expect(list[name] == nil) }
        #expect(ChecksumList("<html>\n").isEmpty)
    }
}

@Suite struct ReleaseSourceTests {
    @Test(arguments: [
        (nil, "https://github.com/bluenviron/mediamtx/releases/download/v1.16.2/a"),
        ("", "https://github.com/bluenviron/mediamtx/releases/download/v1.16.2/a"),
        (" http://mirror/x// ", "http://mirror/x/v1.16.2/a"),
    ])
    func aMirrorHasTheSameLayout(_ base: String?, _ url: String) {
        #expect(ReleaseSource(baseURL: base).url("a", version: .init(1, 16, 2)) == url)
    }

    @Test(arguments: [
        ("https://a/x", "https://b/y", "https://b/y"), ("https://a/x/y", "../z?q=1", "https://a/z?q=1"),
        ("http://a/x", "https://b/y", "https://b/y"), ("https://a/x", "http://b/y", nil),
        ("https://a/x", "file:///etc/passwd", nil), ("http://a/x", "ftp://b/y", nil),
    ])
    func aRedirectNeverGivesUpTLS(_ from: String, _ location: String, _ target: String?) {
        #expect(ReleaseClient.target(of: location, from: from) == target)
    }
}

@Suite struct ContentRangeTests {
    /// RFC 9110, 14.4.
    @Test func examplesOfTheStandard() {
        let whole = ContentRange("bytes 42-1233/1234")
        #expect(whole?.first == 42 && whole?.total == 1234)
        let unknown = ContentRange("bytes 42-1233/*")
        #expect(unknown?.first == 42 && unknown?.total == nil)
        let unsatisfied = ContentRange("bytes */1234")
        #expect(unsatisfied?.first == nil && unsatisfied?.total == 1234)
        #expect(ContentRange("lines 1-2/3") == nil && ContentRange("bytes") == nil)
    }
}

@Suite struct TransferRateTests {
    @Test func theRateIsThatOfTheLastSeconds() {
        var rate = TransferRate()
        rate.record(bytes: 500, at: .zero)
        #expect(rate.bytesPerSecond == nil)
        for second in 1...4 { rate.record(bytes: 500 + second * 1000, at: .seconds(second)) }
        #expect(rate.bytesPerSecond == 1000)
        // Slower now: after the window nothing of the old rate is left.
        for second in 5...12 { rate.record(bytes: 4500 + (second - 4) * 100, at: .seconds(second)) }
        #expect(rate.bytesPerSecond == 100)
    }

    @Test func piecesAtOnceAreOneMeasurement() {
        var rate = TransferRate()
        for piece in 0..<100 { rate.record(bytes: piece, at: .milliseconds(piece)) }
        #expect(rate.bytesPerSecond == nil)
    }
}

@Suite struct DownloadRetryTests {
    @Test func aLineThatBringsSomethingIsNotGivenUpSoon() {
        var retry = DownloadRetry()
        let pauses = (0..<DownloadRetry.limit).map { _ in retry.recordFailure(received: 1 << 20) }
        #expect(pauses == Array(repeating: .seconds(1), count: DownloadRetry.limit - 1) + [nil])
    }

    @Test func oneThatBringsNothingIs() {
        var retry = DownloadRetry()
        let pauses = (0..<6).map { _ in retry.recordFailure(received: 10) }
        #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), nil])
    }
}

@Suite struct EngineWatchTests {
    /// What a watch says to requests that nobody answered: when each was sent and given up, in seconds.
    private func judge(_ watch: inout EngineWatch, _ requests: [(sent: Int, now: Int)]) -> [Bool] {
        requests.map { watch.recordSilence(sent: .seconds($0.sent), now: .seconds($0.now)) }
    }

    @Test func aHangIsSeveralSilentRequestsOverFiveSeconds() {
        var watch = EngineWatch()
        #expect(watch.pause == EngineWatch.interval)
        let hangs = judge(&watch, [(10, 12), (12, 14), (14, 15)])
        #expect(hangs == [false, false, true])
        #expect(watch.pause == EngineWatch.suspiciousInterval)
    }

    @Test func oneAnswerClearsIt() {
        var watch = EngineWatch()
        let before = judge(&watch, [(0, 2), (2, 4)])
        watch.recordAnswer()
        let after = judge(&watch, [(6, 20)])
        #expect(before + after == [false, false, false])
    }

    @Test func aMachineThatSleptIsNoHang() {
        var watch = EngineWatch()
        let hangs = judge(&watch, [(0, 3600)])
        #expect(hangs == [false])
    }
}
