import StreamProtocols
import Testing

@Suite struct WebRTCOfferTests {
    private static let chromium = BrowserOffers.chromium.text

    private func offer(_ text: String) throws -> WebRTCOffer { try WebRTCOffer(parsing: [UInt8](text.utf8)[...]) }

    @Test(arguments: BrowserOffers.all + [BrowserOffers.firefox]) func readsWhoCalls(offer: BrowserOffers.Offer) throws
    {
        let read = try self.offer(offer.text)
        #expect(read.remoteUsernameFragment == offer.usernameFragment)
        #expect(read.fingerprints.count == offer.fingerprintCount)
    }

    @Test(arguments: [
        ("", 400), ("hello", 400), ("v=0\r\n", 422), ("m=video\r\n", 400),
        (chromium.replacing("a=ice-ufrag:", with: "a=x:"), 400),
        (chromium.replacing("a=fingerprint:", with: "a=x:"), 400),
        (chromium.replacing("a=fingerprint:sha-256", with: "a=fingerprint:sha-1"), 400),
        (chromium.replacing("a=setup:actpass", with: "a=setup:passive"), 422),
        (chromium.replacing(/a=ice-ufrag:\S*/, with: "a=ice-ufrag:abc"), 400),
    ])
    func refuses(text: String, status: Int) throws {
        let error = try #require(throws: WebRTCOfferError.self) { try offer(text) }
        #expect(error.status == status)
        #expect(error.description.hasSuffix("."))
    }

    /// RFC 8842 §5.2; RFC 9143: without a group the first section is alone.
    @Test func takesWhatIsLeftUnsaid() throws {
        #expect(throws: Never.self) { try offer(Self.chromium.replacing("a=setup:actpass\r\n", with: "")) }
        #expect(throws: Never.self) { try offer(Self.chromium.replacing("a=group:BUNDLE", with: "a=group:LS")) }
    }

    /// `openssl x509 -fingerprint`'s way of writing, in either case.
    @Test func knowsTheCertificateByItsFingerprint() throws {
        // SHA-256 and SHA-1 of "abc" (FIPS 180-4, examples).
        let hash = "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD"
        let certificate = [UInt8]("abc".utf8)
        #expect(DTLSFingerprint(sha256OfCertificate: certificate).description == "sha-256 \(hash)")
        let read = try #require(DTLSFingerprint(parsing: "SHA-256 \(hash.lowercased())"))
        #expect(read.matches(certificate: certificate))
        #expect(!read.matches(certificate: [UInt8]("abd".utf8)))
        for text in [
            "sha-1 A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D", "sha-256 BA:78", "sha-256", hash,
            "sha-256 \(hash.dropLast())",
        ] {
            #expect(DTLSFingerprint(parsing: text) == nil)
        }
        let offer = try offer(
            Self.chromium.replacing(/a=fingerprint:sha-256 \S*/, with: "a=fingerprint:sha-256 \(hash)"))
        #expect(!offer.fingerprints.isEmpty && offer.fingerprints.allSatisfy { $0 == read })
    }
}

@Suite struct ICEFragmentTests {
    /// RFC 9725 §4.3.2, the body of its example.
    @Test func readsWhoseCandidatesTheyAre() throws {
        let body = """
            a=group:BUNDLE 0 1\r
            m=audio 9 UDP/TLS/RTP/SAVPF 111\r
            a=mid:0\r
            a=ice-ufrag:EsAw\r
            a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r
            a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r
            a=end-of-candidates\r

            """
        #expect(try ICEFragment(parsing: [UInt8](body.utf8)[...]).usernameFragment == "EsAw")
        let before = "a=ice-ufrag:EsAx\r\n" + body
        #expect(try ICEFragment(parsing: [UInt8](before.utf8)[...]).usernameFragment == "EsAx")
        #expect(try ICEFragment(parsing: [UInt8]("m=audio 9 RTP/AVP 0\r\n".utf8)[...]).usernameFragment == nil)
        let error = try #require(throws: WebRTCOfferError.self) { try ICEFragment(parsing: [UInt8]("{}".utf8)[...]) }
        #expect(error.status == 400)
    }
}
