import Foundation
import StreamModel

/// Those of the engine's settings that whoever starts the server decides: by variables of the environment or by the options
/// of the add-on. They are put into the settings at each start, and what they leave out is the settings page's.
public struct GivenEngineSettings: Hashable, Sendable {
    /// Members of the settings' `engine`.
    private let members: [String: JSONValue]
    /// The variable that each comes from.
    private static let variables = [
        "kind": "TOPOSYNC_STREAMING_ENGINE_KIND", "expose_to_lan": "TOPOSYNC_STREAMING_EXPOSE_TO_LAN",
        "webrtc_ice_servers": "TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS",
    ]

    /// Nothing is given.
    public init() { members = [:] }

    /// - Parameters:
    ///   - kind: `TOPOSYNC_STREAMING_ENGINE_KIND`
    ///   - exposeToLAN: `TOPOSYNC_STREAMING_EXPOSE_TO_LAN`
    ///   - iceServers: `TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS`, addresses with commas between them, or the settings' JSON.
    /// - Throws: ``StartupError``, which names the variable.
    public init(kind: String?, exposeToLAN: String?, iceServers: String?) throws(StartupError) {
        var members: [String: JSONValue] = [:]
        members["kind"] = kind.map(JSONValue.string)
        members["expose_to_lan"] = exposeToLAN.map(JSONValue.string)
        members["webrtc_ice_servers"] = iceServers.map { text in
            (try? JSONValue(parsing: Data(text.utf8))).flatMap { $0.arrayValue == nil ? nil : $0 } ?? .string(text)
        }
        do {
            _ = try EngineSettings(json: .object(members), at: [])
        } catch {
            let issue = error.issues[0]
            let variable = issue.location.first.flatMap { Self.variables[$0.text] } ?? "The environment"
            throw StartupError("\(variable) is wrong: \(issue.message)")
        }
        self.members = members
    }

    /// Puts them into the settings.
    func apply(to stored: inout StoredConfiguration) throws {
        stored.settings = try applied(to: stored.settings)
    }

    /// What a change of the settings does not last against, as a sentence; nil when it lasts.
    func notice(of settings: StreamingSettings) -> CodedMessage? {
        guard let restarted = try? applied(to: settings).engine, restarted != settings.engine else { return nil }
        let changed = members.keys.sorted().filter { name in
            restarted.json[name] != settings.engine.json[name]
        }
        let names = changed.compactMap { Self.variables[$0] }.joined(separator: ", ")
        return CodedMessage(
            "given_by_environment",
            "The change lasts until the server is started again, because the options of the add-on or the environment "
                + "decide it (\(names)).", ["names": .string(names)])
    }

    private func applied(to settings: StreamingSettings) throws -> StreamingSettings {
        members.isEmpty ? settings : try settings.patched(with: ["engine": .object(members)])
    }
}
