import Crypto
import Foundation
import StreamModel

extension StreamingService {
    /// The pages can be opened now.
    ///
    /// - Parameter address: where others do so; nil when they can't.
    public nonisolated func pagesOpened(at address: String?, version: String) async {
        await mqtt.begin(MQTTServer(version: version, pageURL: address))
    }

    /// How it goes with the MQTT broker: the answer of `GET /api/mqtt`.
    public nonisolated func mqttStatus() async -> JSONValue { await mqtt.status }

    /// Connects with the MQTT broker once, to see whether it works.
    public nonisolated func testMQTT() async -> JSONValue {
        let problem = await mqtt.test()
        return ["connected": .bool(problem == nil), "problem": problem?.json ?? .null]
    }

    /// What this server is called by, the same after each start, and not to be guessed from another one.
    static func mqttID(of secret: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("mqtt".utf8), using: SymmetricKey(data: secret))
        return Array(code.prefix(6)).hexadecimal
    }
}
