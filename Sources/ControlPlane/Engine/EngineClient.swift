import AsyncHTTPClient
import EngineContract
import Foundation
import NIOCore
import NIOHTTP1
import StreamModel

/// The engine's control API (reference: mediamtx-facts E.4).
struct EngineClient: Sendable {
    var port: Int
    var user: String
    var password: Secret

    static let timeout: Duration = .seconds(2)
    /// How long MediaMTX's API may be closed after a change.
    private static let reopeningTimeout: Duration = .seconds(10)
    private static let bodyLimit = 16 << 20
    private static let pageSize = 500
    /// Pages of a list that are read at most.
    private static let pageLimit = 20
    /// What a name has in a path as it is.
    private static let pathCharacters = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_"))
    private static let http = HTTPClient.ofPeer()

    /// Answers as soon as the engine does.
    func info() async throws -> ControlAPI.Info {
        try await get("info", as: ControlAPI.Info.self)
    }

    /// All paths.
    func paths() async throws -> [ControlAPI.Path] { try await list("paths", of: ControlAPI.Path.self) }

    /// The items of all pages of a list.
    private func list<Item: Hashable & Sendable & Codable>(_ name: String, of type: Item.Type) async throws -> [Item] {
        var result: [Item] = []
        for page in 0..<Self.pageLimit {
            let list = try await get(
                "\(name)/list?page=\(page)&itemsPerPage=\(Self.pageSize)", as: ControlAPI.Page<Item>.self)
            result += list.items
            if page + 1 >= list.pageCount || list.items.isEmpty { break }
        }
        return result
    }

    func apply(_ change: LiveEngineChange) async throws {
        switch change {
        case .endReaders(let paths):
            await endSessions(
                of: Set(paths),
                ["rtspsessions", "rtspssessions", "rtmpconns", "srtconns", "webrtcsessions", "hlssessions"])
        case .endPublishers(let paths):
            await endSessions(
                of: Set(paths), ["rtspsessions", "rtspssessions", "rtmpconns", "srtconns", "webrtcsessions"],
                thatPublish: true)
        case .setUsers(let users): try await patch([], of: EngineConfiguration(), users: users)
        case .setWebRTC(let servers, let hosts, let users):
            var configuration = EngineConfiguration()
            configuration.webrtcICEServers2 = servers
            configuration.webrtcAdditionalHosts = hosts
            try await patch(["webrtcICEServers2", "webrtcAdditionalHosts"], of: configuration, users: users)
        case .deletePath(let name): try await send(.DELETE, "config/paths/delete/\(name)", nil)
        case .addPath(let name, let path): try await send(.POST, "config/paths/add/\(name)", path.json)
        case .replacePath(let name, let path): try await send(.POST, "config/paths/replace/\(name)", path.json)
        }
    }

    /// Waits until MediaMTX, which was given another file, knows of a change in it. Its control API is the last to be told.
    func waitUntilRead(_ change: LiveEngineChange) async throws {
        let deadline = ContinuousClock.now + Self.reopeningTimeout
        while try await !isMade(change) {
            guard ContinuousClock.now < deadline else { throw EngineFileUnread() }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func isMade(_ change: LiveEngineChange) async throws -> Bool {
        switch change {
        case .addPath(let name, _): try await has("config/paths/get/\(name)")
        case .deletePath(let name): try await !has("config/paths/get/\(name)")
        case .replacePath, .setUsers, .setWebRTC, .endReaders, .endPublishers: true
        }
    }

    private func has(_ path: String) async throws -> Bool {
        do {
            _ = try await perform(request(.GET, path))
            return true
        } catch let refusal as EngineRefusal where refusal.status == Int(HTTPResponseStatus.notFound.code) {
            return false
        }
    }

    /// A session of any kind, as far as it has to be known to end it.
    private struct Session: Hashable, Codable {
        var id: String
        var path: String
        /// `read` or `publish`; HLS sessions only read.
        var state: String?
    }

    /// Ends an HLS viewer's session, which would count until it runs out.
    func endHLSSession(_ id: String) async throws { try await end(id, of: "hlssessions") }

    /// Whether a viewer by WebRTC is there; also true when the engine does not say.
    func hasWebRTCSession(_ id: String) async -> Bool {
        guard let name = id.addingPercentEncoding(withAllowedCharacters: Self.pathCharacters) else { return false }
        do {
            return try await has("webrtcsessions/get/\(name)")
        } catch {
            return true
        }
    }

    private func endSessions(of paths: Set<String>, _ kinds: [String], thatPublish: Bool = false) async {
        for kind in kinds {
            // A kind that a release or the settings do not have is a 404; there is nobody to end then.
            let sessions = (try? await list(kind, of: Session.self)) ?? []
            for session in sessions where paths.contains(session.path) && (session.state == "publish") == thatPublish {
                // Who has left meanwhile needs no end.
                try? await end(session.id, of: kind)
            }
        }
    }

    private func end(_ id: String, of kind: String) async throws {
        // It stands in a path.
        guard let name = id.addingPercentEncoding(withAllowedCharacters: Self.pathCharacters) else { return }
        try await send(.POST, "\(kind)/kick/\(name)", nil)
    }

    /// Changes global settings, and waits until they are the ones.
    ///
    /// MediaMTX answers before, and then takes its whole configuration as it was at the request: a path that is added in
    /// between is lost, and who is shown out in between gets in again. So another user comes with every change, for whom the
    /// control API opens from then on.
    private func patch(
        _ names: [String], of configuration: EngineConfiguration, users: [AuthInternalUser]
    ) async throws {
        let sign = EngineClient(
            port: port, user: "toposync_change_" + RandomToken.hex(byteCount: 6),
            password: Secret(RandomToken.hex(byteCount: 24)))
        var changed = configuration
        changed.authInternalUsers =
            users + [
                AuthInternalUser(
                    user: HashedCredential.sha256(sign.user), pass: HashedCredential.sha256(sign.password.exposed),
                    ips: AuthInternalUser.loopback, permissions: [AuthPermission(action: .api)])
            ]
        let settings = (changed.globalJSON.objectValue ?? [:]).filter {
            $0.key == "authInternalUsers" || names.contains($0.key)
        }
        do {
            try await send(.PATCH, "config/global/patch", .object(settings))
        } catch let refusal as EngineRefusal {
            throw refusal
        } catch {
            // MediaMTX closes its API to open it anew where WebRTC changes, which may cost us the answer.
        }
        // It takes a millisecond, as a rule, and who comes too early is made to wait for seconds.
        try await Task.sleep(for: .milliseconds(5))
        try await sign.waitUntilItAnswers()
    }

    private func waitUntilItAnswers() async throws {
        let deadline = ContinuousClock.now + Self.reopeningTimeout
        while true {
            do {
                _ = try await info()
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func get<Body: Decodable>(_ path: String, as type: Body.Type) async throws -> Body {
        let bytes = try await perform(request(.GET, path))
        return try JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView))
    }

    private func send(_ method: HTTPMethod, _ path: String, _ body: JSONValue?) async throws {
        var request = request(method, path)
        if let body {
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.data))
        }
        _ = try await perform(request)
    }

    private func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v3/\(path)")
        request.method = method
        request.setBasicAuth(username: user, password: password.exposed)
        return request
    }

    private func perform(_ request: HTTPClientRequest) async throws -> ByteBuffer {
        let (status, body) = try await Self.http.answer(to: request, within: Self.timeout, bodyLimit: Self.bodyLimit)
        guard (200..<300).contains(status.code) else {
            let failure = try? JSONDecoder().decode(ControlAPI.Failure.self, from: Data(body.readableBytesView))
            throw EngineRefusal(
                status: Int(status.code), reason: failure?.error ?? status.reasonPhrase)
        }
        return body
    }
}

/// The engine goes on with the file that it had.
struct EngineFileUnread: Error, CustomStringConvertible {
    var description: String { "the engine did not read its file anew" }
}

/// The engine answered, and said no.
struct EngineRefusal: Error, CustomStringConvertible {
    var status: Int
    var reason: String

    private static let reasonLimit = 300

    var description: String {
        "the engine refused the change (\(status): \(String(reason.prefix(Self.reasonLimit)).redactingCredentials))"
    }
}
