import Testing

@testable import ControlPlane

/// Candidate lines as pion writes them (`pkg/sdp`, MediaMTX 1.16).
@Suite struct AnswerCandidatesTests {
    private static let head = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
    private static let udp = "a=candidate:1966762133 1 udp 2130706431 172.17.0.2 8189 typ host ufrag abc\r\n"
    private static let component2 = "a=candidate:1966762133 2 udp 2130706431 172.17.0.2 8189 typ host ufrag abc\r\n"
    private static let other = "a=candidate:7 1 udp 2130706431 fd00::2 8189 typ host ufrag abc\r\n"
    private static let tcp = "a=candidate:8 1 tcp 1671430143 172.17.0.2 8189 typ host tcptype passive\r\n"
    private static let relayed = "a=candidate:9 1 udp 16777215 192.0.2.1 3478 typ relay raddr 0.0.0.0 rport 0\r\n"
    private static let end = "a=end-of-candidates\r\na=setup:active\r\n"

    @Test func eachPortIsFoundAtTheFurtherAddressOnce() {
        let answer = Self.head + Self.udp + Self.component2 + Self.other + Self.tcp + Self.relayed + Self.end
        let added =
            "a=candidate:pageudp 1 udp 1065353215 192.168.1.5 8189 typ host ufrag abc\r\n"
            + "a=candidate:pageudp 2 udp 1065353215 192.168.1.5 8189 typ host ufrag abc\r\n"
            + "a=candidate:pagetcp 1 tcp 835715071 192.168.1.5 8189 typ host tcptype passive\r\n"
        #expect(
            AnswerCandidates.adding("192.168.1.5", to: answer)
                == Self.head + Self.udp + Self.component2 + Self.other + Self.tcp + Self.relayed + added + Self.end)
    }

    @Test func eachSectionHasItsOwn() {
        let section = Self.head + Self.udp + Self.end
        let changed = AnswerCandidates.adding("192.168.1.5", to: section + section)
        #expect(changed == String(repeating: AnswerCandidates.adding("192.168.1.5", to: section), count: 2))
        #expect(changed.split(separator: "192.168.1.5").count == 3)
    }

    @Test(arguments: [
        head + udp + end, "", "a=candidate:", "a=candidate:1 1 udp\n", head + relayed, "\r\n\n", "v=0",
    ])
    func whatHasItAlreadyOrHasNoneStaysAsItIs(_ answer: String) {
        #expect(AnswerCandidates.adding("172.17.0.2", to: answer) == answer)
    }

    @Test(
        arguments: [
            ("192.168.1.5", "192.168.1.5"), ("2001:db8::5", "2001:db8::5"), ("camera.example.org", nil),
            ("127.0.0.1", nil),
            ("::1", nil), ("fe80::1", nil), ("169.254.1.1", nil), ("0.0.0.0", nil), ("::", nil), ("", nil), (nil, nil),
        ] as [(String?, String?)])
    func onlyAnAddressThatOthersReachIsOne(_ host: String?, _ expected: String?) {
        #expect(AnswerCandidates.address(ofPage: host) == expected)
    }
}
