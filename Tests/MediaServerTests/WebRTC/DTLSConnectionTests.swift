import SecureRTP
import TestSupport
import Testing

@testable import MediaServer

@Suite struct DTLSConnectionTests {
    private let context: DTLSContext

    init() throws { context = try DTLSContext() }

    private func connection(for client: DTLSTestClient) throws -> DTLSConnection {
        try DTLSConnection(context) { [certificate = client.certificate] in $0 == certificate }
    }

    /// What both say until neither has anything more to say, and what happened at the server.
    private func talk(_ client: DTLSTestClient, _ server: DTLSConnection, _ first: [[UInt8]]) -> [DTLSConnection.Event]
    {
        var events: [DTLSConnection.Event] = []
        var toServer = first
        while !toServer.isEmpty {
            let outcomes = toServer.map { server.receive($0[...]) }
            events += outcomes.compactMap(\.event)
            let toClient = outcomes.flatMap(\.datagrams)
            #expect(toClient.allSatisfy { $0.count <= DTLSConnection.datagramLimit })
            toServer = client.receive(toClient)
        }
        return events
    }

    @Test(arguments: [
        ("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SRTPProfile.aeadAES128GCM, SRTPPeer.Profile.gcm),
        ("SRTP_AES128_CM_SHA1_80", .aes128CMSHA1, .counterMode),
    ])
    func bothSidesHaveTheSameKeys(_ offered: String, _ expected: SRTPProfile, _ peerProfile: SRTPPeer.Profile) throws {
        let client = DTLSTestClient(profiles: offered)
        let server = try connection(for: client)
        let events = talk(client, server, client.begin())
        guard case .established(let profile, let keys)? = events.first else {
            Issue.record("not established: \(events)")
            return
        }
        #expect(events.count == 1 && client.isEstablished)
        #expect(profile == expected)
        #expect(server.timeout == nil)
        // What the server protects, the client opens.
        var sender = try SRTPSender(profile: profile, key: keys.server)
        let packet: [UInt8] = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4]
        var bytes = packet
        try sender.protect(&bytes)
        let material = client.keyingMaterial(byteCount: profile.keyingMaterialByteCount)
        let saltByteCount = (material.count - 32) / 2
        let peer = try SRTPPeer(
            peerProfile, key: Array(material[16..<32]), salt: Array(material.suffix(saltByteCount)))
        #expect(try peer.open(bytes) == packet)
    }

    @Test func anotherCertificateThanTheOffersIsRefused() throws {
        let client = DTLSTestClient()
        let server = try DTLSConnection(context) { _ in false }
        let events = talk(client, server, client.begin())
        guard case .failed(.wrongFingerprint)? = events.first else {
            Issue.record("not refused: \(events)")
            return
        }
        #expect(events.count == 1)
    }

    @Test func whoOffersNoProfileIsRefused() throws {
        let client = DTLSTestClient(profiles: nil)
        let events = talk(client, try connection(for: client), client.begin())
        guard case .failed(.noProfile)? = events.first else {
            Issue.record("not refused: \(events)")
            return
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatGetsLostIsRepeated() async throws {
        let client = DTLSTestClient()
        let server = try connection(for: client)
        // The server's flight does not arrive.
        let lost = client.begin().map { server.receive($0[...]) }.flatMap(\.datagrams)
        #expect(!lost.isEmpty)
        let timeout = try #require(server.timeout)
        #expect(timeout <= .milliseconds(100))
        var repeated: [[UInt8]] = []
        while repeated.isEmpty {
            try await Task.sleep(for: max(server.timeout ?? .zero, .milliseconds(1)))
            repeated = server.timerFired().datagrams
        }
        var events = talk(client, server, client.receive(repeated))
        // On a busy machine timers run out on both sides in the middle of it.
        while !client.isEstablished {
            try await Task.sleep(for: .milliseconds(10))
            let again = client.receive(server.timerFired().datagrams) + client.timerFired()
            events += talk(client, server, again)
        }
        #expect(events.count == 1)
    }

    @Test func aGoodbyeIsHeardAndSaid() throws {
        let client = DTLSTestClient()
        let server = try connection(for: client)
        _ = talk(client, server, client.begin())
        let outcomes = client.close().map { server.receive($0[...]) }
        guard case .closed? = outcomes.compactMap(\.event).first else {
            Issue.record("not closed")
            return
        }
        // Once is enough.
        #expect(server.close().isEmpty)
    }

    @Test func theServerSaysGoodbyeWithoutHavingHeardAnything() throws {
        let client = DTLSTestClient()
        let server = try connection(for: client)
        _ = talk(client, server, client.begin())
        #expect(!server.close().isEmpty)
        #expect(server.close().isEmpty)
    }

    @Test func whatIsNoDTLSIsNotAnswered() throws {
        let server = try DTLSConnection(context) { _ in true }
        var dice = SeededGenerator(seed: 1)
        for count in [0, 1, 12, 13, 14, 200, 2048, 4000] {
            let bytes = [22] + (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &dice) }
            let outcome = server.receive(bytes[...])
            #expect(outcome.datagrams.isEmpty && outcome.event == nil)
        }
        // And it still works.
        let client = DTLSTestClient()
        #expect(talk(client, server, client.begin()).count == 1)
    }

    @Test func recordsAreNotCut() {
        func record(_ length: Int) -> [UInt8] {
            [22, 0xFE, 0xFD] + [UInt8](repeating: 0, count: 8) + [UInt8(length >> 8), UInt8(length & 0xFF)]
                + [UInt8](repeating: 7, count: length)
        }
        let records = [record(100), record(1000), record(80), record(1500), record(1)]
        let datagrams = DTLSRecords.datagrams(of: records.flatMap { $0 }[...], limit: 1200)
        #expect(datagrams.map(\.count) == [1126, 93, 1513, 14])
        #expect(datagrams.flatMap { $0 } == records.flatMap { $0 })
        #expect(DTLSRecords.datagrams(of: [], limit: 1200).isEmpty)
    }
}
