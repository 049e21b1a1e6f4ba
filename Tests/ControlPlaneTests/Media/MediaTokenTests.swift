import StreamModel
import Testing

@testable import ControlPlane

@Suite struct MediaTokenTests {
    private let tokens = MediaTokens(clock: { .seconds(1000) })
    private let output: ResolvedOutput

    init() throws {
        output = try #require(
            try Sample.transmission(
                "door",
                outputs: [
                    [
                        "id": "h", "protocol": "hls",
                        "authentication": ["enabled": true, "username": "ana", "password": "hunter2!"],
                    ]
                ]
            ).servedOutputs.first)
    }

    private func isGenuine(_ text: String, for output: ResolvedOutput) -> Bool {
        tokens.claim(in: text).map { tokens.isGenuine($0, for: output) } ?? false
    }

    @Test func aTokenSaysWhatItIsAbout() throws {
        let text = tokens.token(for: output, holder: .session("a1"))
        let claim = try #require(tokens.claim(in: text)?.token)
        #expect(claim.transmissionID == "door" && claim.outputID == "h")
        #expect(claim.expiry == .seconds(1000) + MediaToken.lifetime)
        #expect(isGenuine(text, for: output))
        #expect(!text.contains("hunter2!") && text.utf8.allSatisfy(\.isMediaNameByte))
        let other = try #require(tokens.claim(in: tokens.token(for: output, holder: .session("a1")))?.token)
        #expect(other.viewer != claim.viewer, "each viewer has its own")
    }

    @Test(arguments: [Identity.Origin.open, .ingress, .session("0a"), .token("0a")], [true, false])
    func aTokenSaysWhoseItIs(_ holder: Identity.Origin, isRenewedByPlayer: Bool) throws {
        let text = tokens.token(
            for: output, holder: holder, isRenewedByPlayer: isRenewedByPlayer, isH264: holder == .ingress)
        let claim = try #require(tokens.claim(in: text)?.token)
        #expect(claim.holder == holder && claim.isRenewedByPlayer == isRenewedByPlayer)
        #expect(claim.isH264 == (holder == .ingress))
        #expect(claim.transmissionID == "door" && claim.outputID == "h")
        #expect(isGenuine(text, for: output))
    }

    @Test func anotherOutputIsNotOpened() {
        let text = tokens.token(for: output, holder: .session("a1"))
        var changed = output
        changed.enginePath = "elsewhere"
        #expect(!isGenuine(text, for: changed))
        changed = output
        changed.credentials?.password = Secret("other")
        #expect(!isGenuine(text, for: changed))
        changed.credentials = nil
        #expect(!isGenuine(text, for: changed))
        // What was put together differently is something else.
        changed.credentials = ReadCredentials(username: "anah", password: Secret("unter2!"))
        #expect(!isGenuine(text, for: changed))
    }

    @Test func anotherServersTokenIsForeign() {
        let foreign = MediaTokens(clock: { .seconds(1000) }).token(for: output, holder: .session("a1"))
        #expect(tokens.claim(in: foreign) != nil && !isGenuine(foreign, for: output))
    }

    @Test func nothingOfATokenCanBeChanged() throws {
        let text = Array(tokens.token(for: output, holder: .session("a1")))
        for index in text.indices {
            // The last character may have bits that mean nothing.
            var changed = text
            changed[index] = text[index] == "A" ? "Q" : "A"
            #expect(!isGenuine(String(changed), for: output), "at \(index)")
        }
        for length in [0, 1, 40, text.count - 1] {
            #expect(!isGenuine(String(text.prefix(length)), for: output))
        }
    }

    @Test(arguments: [
        "", "a", "AAAA", "..", "%2e%2e", "é", String(repeating: "A", count: 70), String(repeating: "A", count: 5000),
        "A+/=",
    ])
    func whatIsNoTokenIsNone(_ text: String) {
        #expect(!isGenuine(text, for: output))
    }
}

@Suite struct MediaFileNameTests {
    @Test(arguments: [
        "index.m3u8", "main_stream.m3u8", "0f3a_seg12.ts", "a1b2_init.mp4", "video1_part7.mp4", "x.m4s",
    ])
    func playlistsAndSegmentsPass(_ name: String) { #expect(MediaFileName(name)?.description == name) }

    @Test(arguments: [
        "", ".m3u8", "index", "index.html", "..", "../index.m3u8", "a/b.ts", "a\\b.ts", "a.b.ts", "a?.ts", "a#.ts",
        "a%2e.ts",
        "http://192.0.2.1/x.ts", "@192.0.2.1:1/x.ts", "x.ts\r\nHost: a", "x .ts", "é.ts", "x.TS", "x.ts/",
        String(repeating: "a", count: 126) + ".ts",
    ])
    func nothingElseDoes(_ name: String) { #expect(MediaFileName(name) == nil) }

    @Test func onlyWhatAnEngineKnowsOfAQueryPasses() {
        let query = MediaQuery([
            "session": "a-1", "_HLS_msn": "12", "_HLS_part": "3&x=1", "jwt": "x", "user": "u",
            "_HLS_skip": String(repeating: "1", count: 65),
        ])
        #expect(query.text == "?session=a-1&_HLS_msn=12")
        #expect(query.with(session: "b").text == "?_HLS_msn=12&session=b")
        #expect(MediaQuery([:]).text == "")
    }
}
