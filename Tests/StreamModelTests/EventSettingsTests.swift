import StreamModel
import Testing

@Suite("Events in the settings")
struct EventSettingsTests {
    /// Pages send all webhooks back to change one of them.
    @Test("what an answer said of webhooks may be sent back, secrets in the address and beside it too")
    func sentBack() throws {
        let first = try StreamingSettings().patched(with: [
            "events": [
                "webhooks": [["id": "w", "url": "https://hooks.example.org/a?key=k&token=t", "secret": "s"]]
            ]
        ])
        let answer = try #require(first.publicJSON["events"])
        #expect(try first.patched(with: ["events": answer]) == first)
        #expect(first.events.webhooks.first?.secret?.exposed == "s")
    }
}
