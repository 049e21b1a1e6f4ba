import StreamModel

/// The engine's user that this server reads streams as, for those who watch through it.
///
/// It is made up at each start, allowed from loopback alone, and the engine's file holds only its hash.
struct EngineReader: Sendable {
    var user: String
    var password: Secret

    static func random() -> EngineReader {
        EngineReader(
            user: "toposync_relay_" + RandomToken.hex(byteCount: 6), password: Secret(RandomToken.hex(byteCount: 24)))
    }
}
