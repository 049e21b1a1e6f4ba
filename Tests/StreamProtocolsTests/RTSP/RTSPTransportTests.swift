import StreamProtocols
import Testing

@Suite struct RTSPTransportTests {
    struct Case: Sendable {
        var source: String
        var header: String
        var transport: RTSPTransport
        var written: String
    }

    static let cases = [
        Case(
            source: "RFC 2326 §12.39",
            header: "RTP/AVP;unicast;client_port=3456-3457;mode=\"PLAY\"",
            transport: .init(lowerTransport: .udp, clientPort: .init(rtp: 3456, rtcp: 3457), mode: .play),
            written: "RTP/AVP;unicast;client_port=3456-3457;mode=play"
        ),
        Case(
            source: "RFC 2326 §10.12",
            header: "RTP/AVP/TCP;interleaved=0-1",
            transport: .init(lowerTransport: .tcp, interleaved: .init(rtp: 0, rtcp: 1)),
            written: "RTP/AVP/TCP;unicast;interleaved=0-1"
        ),
        Case(
            source: "the largest values",
            header: "RTP/AVP/TCP;unicast;interleaved=254-255;ssrc=FFFFFFFF;mode=record",
            transport: .init(
                lowerTransport: .tcp,
                interleaved: .init(rtp: 254, rtcp: 255),
                ssrc: .max,
                mode: .record
            ),
            written: "RTP/AVP/TCP;unicast;interleaved=254-255;ssrc=FFFFFFFF;mode=record"
        ),
        Case(
            source: "gortsplib transport_test.go: multicast",
            header: "RTP/AVP;multicast;destination=225.219.201.15;port=7000-7001;ttl=127",
            transport: .init(
                lowerTransport: .udp,
                delivery: .multicast,
                port: .init(rtp: 7000, rtcp: 7001),
                destination: "225.219.201.15",
                ttl: 127
            ),
            written: "RTP/AVP;multicast;destination=225.219.201.15;port=7000-7001;ttl=127"
        ),
        Case(
            source: "gortsplib transport_test.go: single ports and ssrc",
            header: "RTP/AVP/UDP;unicast;server_port=8052;client_port=14186;ssrc=0B6020AD;mode=PLAY",
            transport: .init(
                lowerTransport: .udp,
                clientPort: .init(rtp: 14186, rtcp: 14187),
                serverPort: .init(rtp: 8052, rtcp: 8053),
                ssrc: 0x0B60_20AD,
                mode: .play
            ),
            written: "RTP/AVP;unicast;client_port=14186-14187;server_port=8052-8053;ssrc=0B6020AD;mode=play"
        ),
        Case(
            source: "gortsplib transport_test.go: receive",
            header: "RTP/AVP/UDP;unicast;mode=receive;source=127.0.0.1;client_port=14186-14187;server_port=5000-5001",
            transport: .init(
                lowerTransport: .udp,
                clientPort: .init(rtp: 14186, rtcp: 14187),
                serverPort: .init(rtp: 5000, rtcp: 5001),
                source: "127.0.0.1",
                mode: .record
            ),
            written: "RTP/AVP;unicast;source=127.0.0.1;client_port=14186-14187;server_port=5000-5001;mode=record"
        ),
        Case(
            source: "gortsplib transport_test.go: unsorted",
            header: "client_port=3456-3457;RTP/AVP;mode=\"PLAY\";unicast",
            transport: .init(lowerTransport: .udp, clientPort: .init(rtp: 3456, rtcp: 3457), mode: .play),
            written: "RTP/AVP;unicast;client_port=3456-3457;mode=play"
        ),
        Case(
            source: "gortsplib transport_test.go: Dahua, ssrc with spaces",
            header: "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=     D93FF",
            transport: .init(lowerTransport: .tcp, interleaved: .init(rtp: 0, rtcp: 1), ssrc: 0xD93FF),
            written: "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=000D93FF"
        ),
        Case(
            source: "gortsplib transport_test.go: ssrc that is no hexadecimal number of 32 bits",
            header: "RTP/AVP;unicast;client_port=14236;source=172.16.8.2;server_port=56002;ssrc=1449463210",
            transport: .init(
                lowerTransport: .udp,
                clientPort: .init(rtp: 14236, rtcp: 14237),
                serverPort: .init(rtp: 56002, rtcp: 56003),
                source: "172.16.8.2"
            ),
            written: "RTP/AVP;unicast;source=172.16.8.2;client_port=14236-14237;server_port=56002-56003"
        ),
        Case(
            source: "gortsplib transport_test.go: empty source",
            header: "RTP/AVP/UDP;unicast;source=;client_port=32560-32561;server_port=3046-3047;ssrc=45dcb578",
            transport: .init(
                lowerTransport: .udp,
                clientPort: .init(rtp: 32560, rtcp: 32561),
                serverPort: .init(rtp: 3046, rtcp: 3047),
                ssrc: 0x45DC_B578
            ),
            written: "RTP/AVP;unicast;client_port=32560-32561;server_port=3046-3047;ssrc=45DCB578"
        ),
        Case(
            source: "gortsplib transport_test.go: secure",
            header: "RTP/SAVP/TCP;interleaved=0-1",
            transport: .init(profile: "RTP/SAVP", lowerTransport: .tcp, interleaved: .init(rtp: 0, rtcp: 1)),
            written: "RTP/SAVP/TCP;unicast;interleaved=0-1"
        ),
    ]

    @Test(arguments: cases) func readsAndWrites(testCase: Case) throws {
        #expect(try RTSPTransport.parse(testCase.header) == [testCase.transport], "\(testCase.source)")
        #expect(testCase.transport.description == testCase.written, "\(testCase.source)")
        #expect(try RTSPTransport.parse(testCase.written) == [testCase.transport], "\(testCase.source)")
    }

    @Test func readsAlternativesInOrder() throws {
        // RFC 2326 §12.39, the example with two alternatives; the multicast ports are as in the RFC.
        let header = "RTP/AVP;multicast;ttl=127;mode=\"PLAY\",RTP/AVP;unicast;client_port=3456-3457;mode=\"PLAY\""
        let transports = try RTSPTransport.parse(header)
        #expect(transports.map(\.delivery) == [.multicast, .unicast])
        #expect(try RTSPTransport.parse(RTSPTransport.header(transports)) == transports)
    }

    @Test func leavesOutWhatItCannotServe() throws {
        let header =
            "RAW/RAW/UDP;unicast;client_port=1-2,RTP/AVP/SCTP;unicast,RTP/AVP/TCP;interleaved=256-257,RTP/AVP/TCP"
        #expect(try RTSPTransport.parse(header) == [RTSPTransport(lowerTransport: .tcp)])
    }

    @Test(arguments: [
        "", ";", "TCP", "RTP", "RTP/AVP/TCP;interleaved=255", "RTP/AVP;client_port=65535", "RTP/AVP;client_port=-1-2",
    ])
    func refuses(header: String) {
        #expect(throws: RTSPHeaderError.self) { try RTSPTransport.parse(header) }
    }

    @Test func damagedHeadersNeverTrap() throws {
        for bytes in Mutations(of: Self.cases.map { [UInt8]($0.header.utf8) }, count: 1500) {
            guard let transports = try? RTSPTransport.parse(String(decoding: bytes, as: UTF8.self)) else { continue }
            // What was understood and holds no separators of its own is understood again.
            let texts = transports.flatMap { [$0.profile, $0.source ?? "", $0.destination ?? ""] }
            guard !texts.joined().contains(where: { ",;\"\\= \t\r\n".contains($0) || !$0.isASCII }) else { continue }
            #expect(
                try RTSPTransport.parse(RTSPTransport.header(transports)) == transports,
                "\(String(decoding: bytes, as: UTF8.self))"
            )
        }
    }
}
