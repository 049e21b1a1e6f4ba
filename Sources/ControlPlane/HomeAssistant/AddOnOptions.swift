import Foundation
import Logging
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The options of the Home Assistant add-on, which Supervisor keeps in `/data/options.json`, as the variables of the
/// environment that they stand for.
public struct AddOnOptions: Hashable, Sendable {
    /// The options that were set, by name of the variable.
    public let variables: [String: String]

    /// Bytes of the file at most.
    private static let limit = 256 << 10
    /// Where Supervisor puts the certificates of Home Assistant.
    private static let certificates = "/ssl"

    /// Reads the file. Blocks; belongs to the start-up.
    /// - Throws: ``StartupError``, whose text names the option that is wrong.
    public init(file: String) throws(StartupError) {
        let bytes: [UInt8]?
        do {
            bytes = try PrivateFile.read(file, limit: Self.limit)
        } catch {
            throw StartupError("The options in \(file) can't be read: \(error).")
        }
        guard let bytes else {
            throw StartupError("There is no \(file), which TOPOSYNC_STREAMING_OPTIONS_FILE names.")
        }
        guard let json = try? JSONValue(parsing: Data(bytes)), json.objectValue != nil else {
            throw StartupError("The options in \(file) are no JSON object.")
        }
        try self.init(json: json)
    }

    /// - Throws: ``StartupError``, whose text names the option that is wrong.
    init(json: JSONValue) throws(StartupError) {
        let issues = IssueList()
        variables = Self.variables(ObjectReader(json, at: [], issues: issues))
        let sentences = issues.issues.map { issue in
            let option = issue.location.first.map { "The option '\($0.text)'" } ?? "One of the options"
            return "\(option) is wrong: \(issue.message)\(issue.message.hasSuffix(".") ? "" : ".")"
        }
        if !sentences.isEmpty { throw StartupError(sentences.joined(separator: " ")) }
    }

    private static func variables(_ reader: ObjectReader) -> [String: String] {
        var result: [String: String] = [:]
        reader.check("log_level", isOneOf: Logger.Level.self)
        reader.check("engine", isOneOf: EngineKind.self)
        reader.check("access", isOneOf: AccessMode.self)
        reader.check("ingress_role", isOneOf: Role.self)
        result["TOPOSYNC_STREAMING_LOG_LEVEL"] = reader.optionalString("log_level")
        result["TOPOSYNC_STREAMING_ENGINE_KIND"] = reader.optionalString("engine")
        result["TOPOSYNC_STREAMING_ACCESS"] = reader.optionalString("access")
        result["TOPOSYNC_STREAMING_INGRESS_ROLE"] = reader.optionalString("ingress_role")
        let users = reader.optionalString("home_assistant_users")
        if let users, users != HomeAssistantUsers.nobody { reader.check("home_assistant_users", isOneOf: Role.self) }
        result["TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS"] = users
        let administrators = reader.optionalStrings("ingress_admins") ?? []
        if administrators.contains(where: { $0.contains(",") }) {
            reader.report(
                .freeText("Name one user of Home Assistant an item, without commas."), at: "ingress_admins")
        }
        if !administrators.isEmpty {
            result["TOPOSYNC_STREAMING_INGRESS_ADMINS"] = administrators.joined(separator: ",")
        }
        result["TOPOSYNC_STREAMING_EXPOSE_TO_LAN"] = reader.optionalBool("expose_to_lan").map { $0 ? "true" : "false" }
        let hosts = reader.optionalStrings("webrtc_hosts") ?? []
        for problem in hosts.compactMap(MediaHost.problem(with:)) { reader.report(problem, at: "webrtc_hosts") }
        // Home Assistant's form says nothing by a list without items.
        if !hosts.isEmpty {
            result["TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS"] = hosts.joined(separator: ",")
        }
        result["TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS"] = iceServers(reader)
        let certificate = reader.optionalString("certfile")
        let key = reader.optionalString("keyfile")
        if (certificate == nil) != (key == nil) {
            reader.report(
                .freeText("A certificate and its key belong together: set both 'certfile' and 'keyfile', or neither."),
                at: certificate == nil ? "keyfile" : "certfile")
        }
        result["TOPOSYNC_STREAMING_TLS_CERTIFICATE"] = certificate.map { path($0, reader, "certfile") }
        result["TOPOSYNC_STREAMING_TLS_KEY"] = key.map { path($0, reader, "keyfile") }
        reader.forbidUnknownMembers()
        return result
    }

    private static func iceServers(_ reader: ObjectReader) -> String? {
        let name = "webrtc_ice_servers"
        guard let servers = reader.value(name), servers != [], servers != .null else { return nil }
        do {
            _ = try EngineSettings(json: .object([name: servers]), at: [])
        } catch {
            for issue in error.issues { reader.report(issue.coded, at: name) }
        }
        return String(decoding: servers.data, as: UTF8.self)
    }

    /// The file of a certificate or a key, which an option names within `/ssl`.
    private static func path(_ name: String, _ reader: ObjectReader, _ option: String) -> String {
        if name.isEmpty || name.hasPrefix("/") || name.split(separator: "/").contains("..") {
            reader.report(.freeText("Name a file in /ssl, such as fullchain.pem."), at: option)
        }
        return "\(certificates)/\(name)"
    }
}
