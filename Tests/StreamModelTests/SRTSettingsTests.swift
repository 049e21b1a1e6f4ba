import StreamModel
import Testing

@Suite("SRT in the engine's settings")
struct SRTSettingsTests {
    @Test("what comes is in the clear until somebody wants it otherwise, with the latency of libsrt")
    func defaults() throws {
        let engine = StreamingSettings().engine
        #expect(engine.srt.passphrase == nil && engine.srt.latencyMilliseconds == 120)
        #expect(engine.publicJSON["srt"] == ["passphrase_set": false, "latency_ms": 120])
        #expect(engine.preferredPorts.srt == 8890)
    }

    @Test("the passphrase is not shown, and is kept until it is taken away")
    func passphrase() throws {
        let first = try StreamingSettings().patched(with: ["engine": ["srt": ["passphrase": "ten-or-more"]]])
        #expect(first.engine.srt.passphrase?.exposed == "ten-or-more")
        let answer = try #require(first.publicJSON["engine"]?["srt"])
        #expect(answer == ["passphrase_set": true, "latency_ms": 120] && !"\(first)".contains("ten-or-more"))
        #expect(try first.patched(with: ["engine": ["srt": answer]]).engine == first.engine)
        let second = try first.patched(with: ["engine": ["srt": ["latency_ms": 500]]])
        #expect(second.engine.srt.passphrase == first.engine.srt.passphrase)
        #expect(second.engine.srt.latencyMilliseconds == 500)
        #expect(try StreamingSettings(json: second.json).engine.srt == second.engine.srt)
        let third = try second.patched(with: ["engine": ["srt": ["passphrase": ""]]])
        #expect(third.engine.srt.passphrase == nil && third.engine.srt.latencyMilliseconds == 500)
    }

    @Test(
        "what can't be followed is refused with the field and a sentence",
        arguments: [
            (["passphrase": "too-short"], "passphrase", "destination_passphrase"),
            (["latency_ms": 19], "latency_ms", "field_too_small"),
            (["latency_ms": 8001], "latency_ms", "field_too_large"), (["latency": 100], "latency", "field_unknown"),
        ] as [(JSONValue, String, String)])
    func refused(srt: JSONValue, field: String, code: String) throws {
        let error = #expect(throws: ValidationError.self) {
            _ = try StreamingSettings().patched(with: ["engine": ["srt": srt]])
        }
        let issue = try #require(error?.issues.first)
        #expect(issue.location == ["body", "engine", "srt", .member(field)] && issue.coded.code == code)
    }
}
