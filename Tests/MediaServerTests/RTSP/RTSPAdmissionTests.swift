import ConnectionLimits
import Logging
import NIOCore
import Testing

@testable import MediaServer

@Suite struct RTSPAdmissionTests {
    private func client(_ address: String) throws -> ClientNetwork {
        try #require(ClientNetwork(SocketAddress(ipAddress: address, port: 4711)))
    }

    @Test func aClientWithoutSessionsCantTakeThemAll() throws {
        let admission = RTSPAdmission(logger: Logger(label: "test"))
        // An IPv6 host has 2⁶⁴ addresses of its own.
        for number in 0..<RTSPAdmission.sessionlessLimitPerClient {
            #expect(admission.enter(try client("2001:db8::\(String(number, radix: 16))")))
        }
        let one = try client("2001:db8::1")
        #expect(!admission.enter(one))
        #expect(admission.enter(try client("2001:db8:0:1::1")))
        // Who has a session makes room, and takes it back when it ends.
        admission.sessionBegan(one)
        #expect(admission.enter(one) && !admission.enter(one))
        #expect(!admission.sessionEnded(one))
        admission.leave(one, hasSession: true)
        admission.leave(one, hasSession: false)
        #expect(admission.enter(one) && !admission.enter(one))
    }

    @Test func ourPublishersGetInWhateverOthersDo() throws {
        let admission = RTSPAdmission(logger: Logger(label: "test"))
        var count = 0
        for number in 0..<100 {
            let stranger = try client("192.0.2.\(number)")
            for _ in 0..<RTSPAdmission.sessionlessLimitPerClient where admission.enter(stranger) { count += 1 }
        }
        #expect(count == RTSPAdmission.sessionlessLimit)
        #expect(admission.enter(try client("127.0.0.1")))
    }
}

@Suite struct RepeatedLinesTests {
    @Test func aLineComesOnceAMinuteAndSaysHowOften() {
        var lines = RepeatedLines()
        let admitted = (0...120).map { lines.admit("a", now: .seconds($0)) }
        #expect(admitted.enumerated().filter { $0.element != nil }.map(\.offset) == [0, 60, 120])
        #expect(admitted.compactMap(\.self) == [0, 59, 59])
        let other = lines.admit("b", now: .seconds(120))
        #expect(other == 0)
    }

    @Test func differentLinesAreBoundedToo() {
        var lines = RepeatedLines()
        let written = (0..<5000).filter { lines.admit("\($0)", now: .zero) != nil }
        #expect(written.count == RepeatedLines.limit)
        let later = lines.admit("later", now: .seconds(60))
        #expect(later == 0)
    }
}
