import SecureRTP
import StreamModel
import StreamProtocols

extension Property {
    /// Checks from anywhere: nobody is let in without the password, and no answer is worth asking for in another's name.
    static let stun = Property(name: "stun", longestInput: 2048) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard WebRTCDatagram(bytes) == .stun, let message = try? STUNMessage(parsing: bytes) else { return }
        let local = ICECredentials(usernameFragment: "evtj", password: "unknown to whoever made the input")
        var agent = ICELiteAgent(local: local, remoteUsernameFragment: "h6vY", at: .zero)
        let outcome = agent.receive(message, from: TransportAddress(IPAddress(ipv4: 1), port: 2), at: .seconds(1))
        try require(
            (outcome.response ?? []).count <= bytes.count + 64, "\(bytes.count) bytes are answered by many more")
        try require(outcome.added == nil && agent.selectedAddress == nil, "\(bytes) was taken for the peer's")
    }

    /// Datagrams over TCP: however the bytes come apart, they are the same ones, and what waits is never more than one.
    static let framing = Property(name: "framing", longestInput: 8192) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        let limit = 2047
        var input = InputReader(bytes)
        let pieceByteCount = Int(input.byte()) + 1
        func taken(_ pieces: [ArraySlice<UInt8>]) throws(Violation) -> (datagrams: [[UInt8]], isRefused: Bool) {
            var framed = FramedDatagrams(limit: limit)
            var datagrams: [[UInt8]] = []
            for piece in pieces {
                framed.append(piece)
                do throws(FramedDatagrams.TooLong) {
                    while let datagram = try framed.next() { datagrams.append([UInt8](datagram)) }
                } catch {
                    return (datagrams, true)
                }
                try require(framed.pendingByteCount < 2 + limit, "\(framed.pendingByteCount) bytes wait")
            }
            return (datagrams, false)
        }
        let whole = try taken([input.rest])
        var pieces: [ArraySlice<UInt8>] = []
        var rest = input
        while !rest.isAtEnd { pieces.append(rest.bytes(pieceByteCount)) }
        let apart = try taken(pieces)
        try require(whole == apart, "\(bytes) comes to \(whole) at once and to \(apart) in pieces")
        let again = whole.datagrams.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
        try require(input.rest.starts(with: again), "\(bytes) does not begin with its datagrams")
        guard !whole.isRefused else { return }
        try require(input.rest.count - again.count < 2 + limit, "a whole datagram of \(bytes) was left")
    }

    /// Packets that nobody with the key made, and our own, which may have any content.
    static let srtp = Property(name: "srtp", longestInput: 4096) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let profile: SRTPProfile = input.byte() & 1 == 0 ? .aeadAES128GCM : .aes128CMSHA1
        let material = [UInt8](repeating: 0x5A, count: profile.keyingMaterialByteCount)
        do throws(SRTPError) {
            let keys = try SRTPMasterKeys(profile: profile, keyingMaterial: material)
            var sender = try SRTPSender(profile: profile, key: keys.server)
            var receiver = try SRTCPReceiver(profile: profile, key: keys.server)
            var mediaReceiver = try SRTPReceiver(profile: profile, key: keys.server)
            if (try? receiver.unprotect(input.rest)) != nil { throw SRTPError.notAuthentic }
            if (try? mediaReceiver.unprotect(input.rest)) != nil { throw SRTPError.notAuthentic }
            let plain = [UInt8](input.rest)
            var packet = plain
            if (try? sender.protect(&packet)) != nil {
                guard try mediaReceiver.unprotect(packet[...]) == plain else { throw SRTPError.notAuthentic }
            }
            var report = plain
            guard (try? sender.protectControl(&report)) != nil else { return }
            guard try receiver.unprotect(report[...]) == plain else { throw SRTPError.notAuthentic }
        } catch {
            throw Violation("\(bytes): \(error)")
        }
    }

    /// Offers, and what follows them. Whatever is answered is a description of as many sections, with the offer's numbers.
    static let whep = Property(name: "whep", longestInput: 65_536) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        _ = try? ICEFragment(parsing: bytes)
        guard let offer = try? WebRTCOffer(parsing: bytes),
            let description = try? SessionDescription(parsing: bytes)
        else { return }
        try Property.whip(offer, description)
        let tracks: [MediaFormat] = [
            .h264(nil), .h265(nil), .opus(channelCount: 2), .g711(.mu, sampleRate: 8000, channelCount: 1),
            .g711(.a, sampleRate: 8000, channelCount: 1),
        ]
        let answer = try? offer.answer(
            tracks: tracks, local: ICECredentials(usernameFragment: "aaaa", password: "bbbb"),
            fingerprint: DTLSFingerprint(sha256OfCertificate: []),
            candidates: [
                ICECandidate(address: TransportAddress(IPAddress(ipv4: 1), port: 2), transport: .udp, rank: 0)
            ])
        guard let answer else { return }
        try require(!answer.tracks.isEmpty, "an answer without tracks")
        // Names stand in an answer twice, so that of a description at the limit may exceed it.
        guard answer.text.utf8.count <= 65_536 else { return }
        let again = try? SessionDescription(parsing: answer.text.utf8)
        try require(again?.media.count == description.media.count, "\(answer.text.debugDescription) has other sections")
        for track in answer.tracks {
            let isOffered = description.media.contains {
                ($0.attribute("mid") ?? "") == track.mid && $0.payloadTypes.contains(track.payloadType)
            }
            try require(isOffered, "\(track) is not of \(description)")
            try require(offer.takes(tracks[track.trackIndex]), "\(track) is sent, and was not to be played")
        }
    }

    /// The same offer, of a publisher.
    private static func whip(_ offer: WebRTCOffer, _ description: SessionDescription) throws(Violation) {
        let answer = try? offer.answerPublisher(
            local: ICECredentials(usernameFragment: "aaaa", password: "bbbb"),
            fingerprint: DTLSFingerprint(sha256OfCertificate: []), candidates: [])
        guard let answer else { return }
        try require((1...2).contains(answer.tracks.count), "\(answer.tracks.count) tracks are taken")
        for track in answer.tracks {
            let isOffered = description.media.contains { $0.payloadTypes.contains(track.format.payloadType) }
            try require(isOffered, "\(track) is not of \(description)")
        }
        guard answer.text.utf8.count <= 65_536 else { return }
        let again = try? SessionDescription(parsing: answer.text.utf8)
        try require(again?.media.count == description.media.count, "\(answer.text.debugDescription) has other sections")
    }
}
