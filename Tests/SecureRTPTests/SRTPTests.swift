import StreamProtocols
import TestSupport
import Testing

@testable import SecureRTP

/// A packet protected by its own sender, so that a test can go through both profiles.
private func sender(_ profile: SRTPProfile, _ key: SRTPMasterKey) throws -> SRTPSender {
    try SRTPSender(profile: profile, key: key)
}

/// RTP with a payload; extension and contributing sources where they are asked for.
private func packet(_ number: UInt16, ssrc: UInt32 = 7, first: UInt8 = 0x80, more: [UInt8] = []) -> [UInt8] {
    let low = UInt8(number & 0xFF)
    return [first, 96, UInt8(number >> 8), low, 0, 0, 0, 1] + [UInt8](bigEndian: ssrc) + more + [9, 8, 7, low]
}

@Suite struct SRTPTests {
    static func key(_ profile: SRTPProfile) -> SRTPMasterKey {
        switch profile {
        case .aeadAES128GCM: SRTPMasterKey(key: [UInt8](0...15), salt: [UInt8](0xA0...0xAB))
        // libsrtp, test/srtp_driver.c, `test_key`; also that of RFC 3711 §B.3.
        case .aes128CMSHA1:
            SRTPMasterKey(
                key: bytes("e1f97a0d3e018be0d64fa32c06de4139"), salt: bytes("0ec675ad498afeebb6960b3aabe6"))
        }
    }

    static func peer(_ profile: SRTPProfile) throws -> SRTPPeer {
        let key = key(profile)
        return try SRTPPeer(#require(SRTPPeer.Profile(rawValue: profile.rawValue)), key: key.key, salt: key.salt)
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = [Character](hex.filter { !$0.isWhitespace })
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    private static let report = bytes("81c8000bcafebabe abababababababababababababababab")

    /// RFC 3711 §B.3.
    @Test func derivesKeys() throws {
        let derivation = try SRTPKeyDerivation(Self.key(.aes128CMSHA1))
        #expect(
            try derivation.key(.mediaEncryption, byteCount: 16) == Self.bytes("c61e7a93744f39ee10734afe3ff7a087"))
        #expect(try derivation.key(.mediaSalt, byteCount: 14) == Self.bytes("30cbbc08863d8c85d49db34a9ae1"))
        #expect(
            try derivation.key(.mediaAuthentication, byteCount: 20)
                == Self.bytes("cebe321f6ff7716b6fd4ab49af256a156d38baa4"))
    }

    /// libsrtp, test/srtp_driver.c: `srtp_validate`, `srtp_validate_gcm`.
    @Test(arguments: [
        (
            SRTPProfile.aes128CMSHA1, "4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb",
            "7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798"
        ),
        (
            .aeadAES128GCM, "c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392",
            "c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001"
        ),
    ])
    func protectsAsOthersDo(profile: SRTPProfile, media: String, control: String) throws {
        var sender = try sender(profile, Self.key(profile))
        var buffer = Self.bytes("800f1234decafbadcafebabe abababababababababababababababab")
        try sender.protect(&buffer)
        #expect(buffer == Self.bytes("800f1234decafbadcafebabe" + media))

        buffer = Self.report
        try sender.protectControl(&buffer)
        #expect(buffer == Self.bytes("81c8000bcafebabe" + control))

        var receiver = try SRTCPReceiver(profile: profile, key: Self.key(profile))
        #expect(try receiver.unprotect(buffer[...]) == Self.report)
    }

    /// Over wraps of the sequence number, with contributing sources and an extension, which stay clear, and sources apart.
    @Test(arguments: SRTPProfile.allCases) func isOpenedByAnother(profile: SRTPProfile) throws {
        var sender = try sender(profile, Self.key(profile))
        let peer = try Self.peer(profile)
        func check(_ plain: [UInt8], rollover: UInt32, clear: Int = 12) throws {
            var buffer = plain
            try sender.protect(&buffer)
            #expect(buffer.prefix(clear) == plain.prefix(clear))
            #expect(buffer.dropFirst(clear).prefix(4) != plain.dropFirst(clear).prefix(4))
            #expect(try peer.open(buffer, rollover: rollover) == plain)
        }
        try check(packet(65_534), rollover: 0)
        try check(packet(3, ssrc: 8), rollover: 0)
        try check(packet(65_535), rollover: 0)
        try check(packet(0), rollover: 1)
        // A packet that was lost is sent again.
        try check(packet(65_535), rollover: 0)
        try check(packet(32_000), rollover: 1)
        try check(packet(60_000), rollover: 1)
        try check(
            packet(5, first: 0x92, more: [0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 1, 0x10, 65, 0, 0]), rollover: 2,
            clear: 28)
        try check(packet(4, ssrc: 8), rollover: 0)
    }

    @Test(arguments: SRTPProfile.allCases) func opensReportsOnceAndInAnyOrder(profile: SRTPProfile) throws {
        let peer = try Self.peer(profile)
        var receiver = try SRTCPReceiver(profile: profile, key: Self.key(profile))
        func open(_ index: UInt32, ssrc: UInt8 = 0xBE) -> Result<[UInt8], SRTPError> {
            var report = Self.report
            report[7] = ssrc
            return Result { () throws(SRTPError) in
                let sealed = (try? peer.sealControl(report, index: index)) ?? []
                return try receiver.unprotect(sealed[...])
            }
        }
        #expect(try open(100).get() == Self.report)
        #expect(open(100) == .failure(.replayed(index: 100)))
        #expect(try open(37).get() == Self.report)
        #expect(open(37) == .failure(.replayed(index: 37)))
        #expect(open(36) == .failure(.replayed(index: 36)))
        #expect(try open(99).get() == Self.report)
        // Each source counts for itself.
        #expect(throws: Never.self) { try open(36, ssrc: 1).get() }
        #expect(try open(1000).get() == Self.report)
        #expect(open(99) == .failure(.replayed(index: 99)))
        #expect(try open(0x7FFF_FFFF).get() == Self.report)
    }

    /// Each bit counts, and nothing is remembered of what was refused.
    @Test(arguments: SRTPProfile.allCases) func refusesWhatWasTouched(profile: SRTPProfile) throws {
        let sealed = try Self.peer(profile).sealControl(Self.report, index: 5)
        var receiver = try SRTCPReceiver(profile: profile, key: Self.key(profile))
        for place in sealed.indices {
            var damaged = sealed
            damaged[place] ^= 0x80
            #expect(throws: SRTPError.self, "byte \(place)") { try receiver.unprotect(damaged[...]) }
        }
        for count in 0..<sealed.count {
            #expect(throws: SRTPError.self, "\(count) bytes") { try receiver.unprotect(sealed.prefix(count)) }
        }
        #expect(try receiver.unprotect(sealed[...]) == Self.report)
    }

    @Test(arguments: SRTPProfile.allCases) func refusesWhatIsNoPacket(profile: SRTPProfile) throws {
        var sender = try sender(profile, Self.key(profile))
        for (bytes, isControl) in [
            ([], false), ([UInt8](repeating: 0x80, count: 11), false), (packet(1, first: 0x8F), false),
            (packet(1, first: 0x90, more: [0, 0, 0xFF, 0xFF]), false), ([0x80, 200, 0, 1, 0, 0, 0], true),
        ] as [([UInt8], Bool)] {
            var buffer = bytes
            #expect(throws: SRTPError.tooShort(byteCount: bytes.count)) {
                try isControl ? sender.protectControl(&buffer) : sender.protect(&buffer)
            }
            #expect(buffer == bytes)
        }
        // Before the first of its source.
        var first = packet(1, ssrc: 0)
        try sender.protect(&first)
        var older = packet(65_535, ssrc: 0)
        #expect(throws: SRTPError.tooOld(sequenceNumber: 65_535)) { try sender.protect(&older) }
        for source in 0..<UInt32(SRTPSender.sourceLimit) {
            var buffer = packet(1, ssrc: source)
            try sender.protect(&buffer)
        }
        var buffer = packet(1, ssrc: 99)
        #expect(throws: SRTPError.tooManySources(limit: SRTPSender.sourceLimit)) {
            try sender.protect(&buffer)
        }
    }

    /// RFC 5764 §4.2, and no key in a log.
    @Test(arguments: [(SRTPProfile.aeadAES128GCM, 56), (.aes128CMSHA1, 60)])
    func takesKeyingMaterialApart(profile: SRTPProfile, byteCount: Int) throws {
        #expect(profile.keyingMaterialByteCount == byteCount)
        let material = [UInt8](0..<UInt8(byteCount))
        let keys = try SRTPMasterKeys(profile: profile, keyingMaterial: material)
        let saltByteCount = (byteCount - 32) / 2
        #expect(keys.client.key == [UInt8](0..<16) && keys.server.key == [UInt8](16..<32))
        #expect(keys.client.salt == [UInt8](material[32..<32 + saltByteCount]))
        #expect(keys.server.salt == [UInt8](material[(32 + saltByteCount)...]))
        #expect("\(keys.client)" == "SRTP master key (hidden)")
        #expect(throws: SRTPError.wrongKeyLength(byteCount: byteCount - 1, expected: byteCount)) {
            try SRTPMasterKeys(profile: profile, keyingMaterial: [UInt8](material.dropLast()))
        }
    }
}

/// What a publisher sends. The other end is swift-crypto's.
@Suite struct SRTPReceiverTests {
    private static func receiver(_ profile: SRTPProfile) throws -> SRTPReceiver {
        try SRTPReceiver(profile: profile, key: SRTPTests.key(profile))
    }

    /// libsrtp, test/srtp_driver.c: `srtp_validate`, `srtp_validate_gcm`.
    @Test(arguments: [
        (SRTPProfile.aes128CMSHA1, "4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb"),
        (.aeadAES128GCM, "c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392"),
    ])
    func opensWhatOthersProtect(profile: SRTPProfile, body: String) throws {
        var receiver = try Self.receiver(profile)
        let sealed = SRTPTests.bytes("800f1234decafbadcafebabe" + body)
        #expect(
            try receiver.unprotect(sealed[...])
                == SRTPTests.bytes("800f1234decafbadcafebabe abababababababababababababababab"))
    }

    /// RFC 3711 §B.2: the key stream of a session key.
    @Test func counterModeOfTheRFC() throws {
        var nonce = SRTPNonce(.aes128CMSHA1, salt: SRTPTests.bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfd"))
        nonce.set(source: 0, index: 0)
        #expect(nonce.bytes == SRTPTests.bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"))
        var stream = [UInt8](repeating: 0, count: 48)
        try AESCounterMode(key: SRTPTests.bytes("2b7e151628aed2a6abf7158809cf4f3c"))
            .apply(to: &stream, from: 0, counter: nonce.bytes)
        #expect(
            stream
                == SRTPTests.bytes(
                    "e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0"
                ))
    }

    /// RFC 7714 §16.1.1, with a session key.
    @Test func gcmOfTheRFC() throws {
        var nonce = SRTPNonce(.aeadAES128GCM, salt: SRTPTests.bytes("517569642070726f2071756f"))
        nonce.set(source: 0x5501_A0B2, index: 0xF17B)
        #expect(nonce.bytes == SRTPTests.bytes("51753c6580c2726f20718414"))
        var packet = SRTPTests.bytes(
            """
            8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
            899d7f27beb16a9152cf765ee4390cce
            """)
        try AESGCM(key: [UInt8](0...15), encrypts: false).open(&packet, body: 12, then: [], nonce: nonce.bytes)
        #expect(packet == SRTPTests.bytes("8040f17b8041f8d35501a0b2") + "Gallia est omnis divisa in partes tres".utf8)
    }

    /// Over wraps of the sequence number, in any order, each packet once, each source for itself.
    @Test(arguments: SRTPProfile.allCases) func opensEachPacketOnce(profile: SRTPProfile) throws {
        let peer = try SRTPTests.peer(profile)
        var receiver = try Self.receiver(profile)
        func open(_ plain: [UInt8], rollover: UInt32) -> Result<[UInt8], SRTPError> {
            Result { () throws(SRTPError) in
                let sealed = (try? peer.seal(plain, rollover: rollover)) ?? []
                return try receiver.unprotect(sealed[...])
            }
        }
        let order: [(number: Int, rollover: UInt32)] = [
            (65_000, 0), (65_534, 0), (1, 1), (65_535, 0), (0, 1), (800, 1), (700, 1),
        ]
        for (number, rollover) in order {
            let plain = packet(UInt16(number))
            #expect(try open(plain, rollover: rollover).get() == plain)
            let index = UInt64(rollover) << 16 + UInt64(number)
            #expect(open(plain, rollover: rollover) == .failure(.replayed(index: index)))
        }
        // So late that nobody knows whether it came.
        #expect(open(packet(65_312), rollover: 0) == .failure(.replayed(index: 65_312)))
        #expect(throws: Never.self) { try open(packet(65_313), rollover: 0).get() }
        // The wraps that a packet was made with are authenticated.
        #expect(open(packet(900), rollover: 0) == .failure(.notAuthentic))
        #expect(throws: Never.self) { try open(packet(900), rollover: 1).get() }
        // Before the first of its source.
        #expect(throws: Never.self) { try open(packet(1, ssrc: 9), rollover: 0).get() }
        #expect(open(packet(65_535, ssrc: 9), rollover: 0) == .failure(.tooOld(sequenceNumber: 65_535)))
        // With contributing sources and an extension, which stay clear.
        let extended = packet(
            2, ssrc: 9, first: 0x92, more: [0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 1, 0x10, 65, 0, 0])
        #expect(try open(extended, rollover: 0).get() == extended)
        // A jump forward forgets all that was before, and nothing else.
        for number in [20_000, 20_001, 19_990] {
            #expect(throws: Never.self) { try open(packet(UInt16(number)), rollover: 1).get() }
        }
    }

    /// Whoever sends with ever new sources costs no memory, and those that go on are not forgotten.
    @Test func manySources() throws {
        let peer = try SRTPTests.peer(.aeadAES128GCM)
        var receiver = try Self.receiver(.aeadAES128GCM)
        for round in 0..<UInt32(2 * SRTPReceiver.sourceLimit) {
            let steady = try peer.seal(packet(UInt16(round), ssrc: 1))
            #expect(throws: Never.self) { try receiver.unprotect(steady[...]) }
            #expect(throws: SRTPError.replayed(index: UInt64(round))) { try receiver.unprotect(steady[...]) }
            let other = try peer.seal(packet(1, ssrc: 100 + round))
            #expect(throws: Never.self) { try receiver.unprotect(other[...]) }
        }
    }

    /// Each bit counts, and nothing is remembered of what was refused.
    @Test(arguments: SRTPProfile.allCases) func refusesWhatWasTouched(profile: SRTPProfile) throws {
        let plain = packet(5, first: 0x90, more: [0xBE, 0xDE, 0, 1, 0x10, 65, 0, 0])
        let sealed = try SRTPTests.peer(profile).seal(plain)
        var receiver = try Self.receiver(profile)
        for place in sealed.indices {
            var damaged = sealed
            damaged[place] ^= 0x80
            #expect(throws: SRTPError.self, "byte \(place)") { try receiver.unprotect(damaged[...]) }
        }
        for count in 0..<sealed.count {
            #expect(throws: SRTPError.self, "\(count) bytes") { try receiver.unprotect(sealed.prefix(count)) }
        }
        #expect(try receiver.unprotect(sealed[...]) == plain)
    }

    @Test func bytesOfNobody() throws {
        var generator = SeededGenerator(seed: 11)
        for profile in SRTPProfile.allCases {
            var receiver = try Self.receiver(profile)
            for _ in 0..<2000 {
                var bytes = (0..<Int.random(in: 0..<80, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                if !bytes.isEmpty { bytes[0] = bytes[0] & 0x3F | 0x80 }
                #expect(throws: SRTPError.self) { try receiver.unprotect(bytes[...]) }
            }
        }
    }
}
