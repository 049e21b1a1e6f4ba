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
    private static func key(_ profile: SRTPProfile) -> SRTPMasterKey {
        switch profile {
        case .aeadAES128GCM: SRTPMasterKey(key: [UInt8](0...15), salt: [UInt8](0xA0...0xAB))
        // libsrtp, test/srtp_driver.c, `test_key`; also that of RFC 3711 §B.3.
        case .aes128CMSHA1:
            SRTPMasterKey(
                key: bytes("e1f97a0d3e018be0d64fa32c06de4139"), salt: bytes("0ec675ad498afeebb6960b3aabe6"))
        }
    }

    private static func peer(_ profile: SRTPProfile) throws -> SRTPPeer {
        let key = key(profile)
        return try SRTPPeer(#require(SRTPPeer.Profile(rawValue: profile.rawValue)), key: key.key, salt: key.salt)
    }

    private static func bytes(_ hex: String) -> [UInt8] {
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
