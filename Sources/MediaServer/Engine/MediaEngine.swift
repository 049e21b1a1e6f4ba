import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// The built-in engine: paths, publishers, viewers. It runs on one event loop, which is its executor; viewers' sockets are spread over
/// all, and a picture changes threads once for all viewers of another loop.
actor MediaEngine {
    let core: EngineCore
    private let eventLoop: any EventLoop
    private var hlsReaders: [String: HLSReader] = [:]
    /// By the identifiers that their sessions will have.
    var webRTCOpenings: [String: WebRTCOpening] = [:]
    private var closing: Task<Void, Never>?
    private var connectionsClosed: [CheckedContinuation<Void, Never>] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe eventLoop.executor.asUnownedSerialExecutor() }

    /// - Throws: when the users or paths of the configuration can't be used.
    init(
        configuration: EngineConfiguration, ownExecutable: String?, clock: EngineClock, logger: Logger
    ) throws {
        eventLoop = clock.eventLoop
        core = try EngineCore(
            configuration: configuration, ownExecutable: ownExecutable, clock: clock, logger: logger)
    }

    /// Makes the configured paths. To be called once, before anything else.
    func start() {
        core.onHookExit = { [weak self] id, reason in await self?.hookExited(id, reason: reason) }
        core.onAllConnectionsClosed = { [weak self] in
            self?.assumeIsolated { $0.resumeConnectionsClosed() }
        }
        core.start()
    }

    // MARK: Sockets

    /// Begins to use the sockets that RTSP needs.
    ///
    /// - Parameters:
    ///   - rtspPort: what hooks are told.
    ///   - datagrams: the sockets for RTP and RTCP; nil when UDP is not offered.
    func useSockets(rtspPort: Int, datagrams: (rtp: DatagramSocket, rtcp: DatagramSocket)?) throws {
        core.rtspPort = rtspPort
        guard let datagrams else { return }
        let endpoint = RTPDatagramEndpoint(rtp: datagrams.rtp, rtcp: datagrams.rtcp)
        try endpoint.startListening()
        core.datagramEndpoint = endpoint
        core.rtspSettings.datagramPorts = .init(rtp: endpoint.ports.rtp, rtcp: endpoint.ports.rtcp)
    }

    /// Serves RTSP on a channel that was just accepted, which lives on any event loop.
    ///
    /// - Parameter isSecure: whether it is TLS; then nothing goes by UDP, which would be in the clear.
    nonisolated func accept(_ channel: any Channel, isSecure: Bool = false) -> EventLoopFuture<Void> {
        eventLoop.submit {
            try self.assumeIsolated { try $0.admit(channel.remoteAddress, isSecure: isSecure, on: channel.eventLoop) }
        }.hop(to: channel.eventLoop).flatMapThrowing { admitted in
            do {
                try channel.pipeline.syncOperations.addHandler(admitted)
            } catch {
                admitted.abandon()
                throw error
            }
        }
    }

    private func admit(_ address: SocketAddress?, isSecure: Bool, on eventLoop: any EventLoop) throws -> RTSPChannel {
        guard let channel = core.admit(address, isSecure: isSecure, on: eventLoop) else { throw ConnectionRefused() }
        return channel
    }

    /// Serves RTMP on a channel that was just accepted, which lives on the engine's event loop.
    nonisolated func acceptRTMP(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            try self.assumeIsolated { engine in
                guard let connection = engine.core.admitRTMP(channel.remoteAddress) else { throw ConnectionRefused() }
                do {
                    try channel.pipeline.syncOperations.addHandler(connection)
                } catch {
                    engine.core.remove(connection)
                    throw error
                }
            }
        }
    }

    /// Too many connections.
    struct ConnectionRefused: Error {}

    // MARK: State for the control API

    func listPaths() -> [ControlAPI.Path] {
        core.paths.values.map(\.snapshot).sorted { $0.name < $1.name }
    }

    func path(named name: String) -> ControlAPI.Path? { core.paths[name]?.snapshot }

    func listRTSPSessions() -> [ControlAPI.RTSPSession] {
        core.sessionConnections.map { $0.connection.sessionSnapshot(id: $0.id) }
    }

    func listRTSPConnections() -> [RTSPConnectionItem] {
        core.connections.values.map(\.connectionSnapshot).sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    func kickRTSPSession(_ id: String) -> Bool { core.kickSession(id) }

    func listRTMPConnections() -> [ControlAPI.RTMPConnection] {
        core.rtmpConnections.values.map(\.snapshot).sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    func kickRTMPConnection(_ id: String) -> Bool { core.kickRTMPConnection(id) }

    /// Whether a client may use the control API.
    func authorizeAPI(address: IPAddress?, credentials: AccessCredentials) async -> AccessDecision {
        let request = AccessRequest(action: .api, path: "", address: address, credentials: credentials)
        let decision = core.access.decide(request)
        if decision == .denied {
            let delay = core.noteFailedLogin(request, protocolName: "control API")
            try? await Task.sleep(for: delay)
        }
        return decision
    }

    // MARK: Settings

    var configuration: EngineConfiguration { core.configuration }

    /// Changes global settings of the running engine.
    ///
    /// - Throws: ``SettingsError``; nothing has changed then.
    func patchGlobal(_ changes: [String: JSONValue]) throws {
        var changed = core.configuration
        let unknown = try changed.apply(changes)
        guard unknown.isEmpty else { throw SettingsError.unknownKeys(unknown) }
        var live = core.configuration
        live.authInternalUsers = changed.authInternalUsers
        live.readTimeout = changed.readTimeout
        live.writeTimeout = changed.writeTimeout
        live.writeQueueSize = changed.writeQueueSize
        live.rtspAuthMethods = changed.rtspAuthMethods
        live.webrtcICEServers2 = changed.webrtcICEServers2
        live.webrtcAdditionalHosts = changed.webrtcAdditionalHosts
        guard live == changed else { throw SettingsError.needsRestart(changes.keys.sorted()) }
        if changed.authInternalUsers != core.configuration.authInternalUsers {
            try core.setUsers(changed.authInternalUsers)
        }
        core.setLiveSettings(of: changed)
    }

    /// A change to the settings of a path.
    enum PathChange: Sendable {
        /// A new path, which must not exist.
        case add([String: JSONValue])
        case patch([String: JSONValue])
        /// All settings, of a path that exists or not.
        case replace([String: JSONValue])
        case delete
    }

    /// Changes one path's settings. Viewers of all other paths notice nothing.
    ///
    /// - Throws: ``SettingsError``, `EngineConfigurationError` or ``PathRegexError``; nothing has changed then.
    func changePath(_ name: String, _ change: PathChange) throws {
        let existing = core.configuration.paths[name]
        var settings = PathConfiguration()
        var unknown: [String] = []
        switch change {
        case .add(let keys):
            guard existing == nil else { throw SettingsError.pathExists(name) }
            unknown = try settings.apply(keys)
        case .patch(let keys):
            guard let existing else { throw SettingsError.pathNotFound(name) }
            settings = existing
            unknown = try settings.apply(keys)
        case .replace(let keys):
            unknown = try settings.apply(keys)
        case .delete:
            guard existing != nil else { throw SettingsError.pathNotFound(name) }
            try core.setPath(name, nil)
            return
        }
        guard unknown.isEmpty else { throw SettingsError.unknownKeys(unknown) }
        try EngineConfiguration.checkPathName(name)
        try core.setPath(name, settings)
    }

    // MARK: Commands

    private func hookExited(_ id: HookID, reason: String) { core.hookExited(id, reason: reason) }

    // MARK: End

    /// Ends sessions and commands, and returns when they are gone. Whoever calls it again waits for the same
    /// end.
    func shutdown() async {
        if let closing {
            await closing.value
            return
        }
        // Owned by the engine and awaited here and by every further caller.
        let task = Task { await self.close() }
        closing = task
        await task.value
    }

    private func close() async {
        let hooks = core.runningHooks
        core.close()
        for hook in hooks { await hook.waitUntilExit() }
        await waitUntilConnectionsAreClosed()
        core.closeSockets()
    }

    private func waitUntilConnectionsAreClosed() async {
        guard !core.connections.isEmpty else { return }
        await withCheckedContinuation { connectionsClosed.append($0) }
    }

    private func resumeConnectionsClosed() {
        let waiting = connectionsClosed
        connectionsClosed = []
        for continuation in waiting { continuation.resume() }
    }
}

/// Why settings can't be changed.
enum SettingsError: Error, Equatable, CustomStringConvertible {
    case unknownKeys([String])
    case needsRestart([String])
    case pathExists(String)
    case pathNotFound(String)

    var description: String {
        switch self {
        case .unknownKeys(let keys): "unknown field '\(keys.joined(separator: "', '"))'"
        case .needsRestart(let keys):
            "'\(keys.joined(separator: "', '"))' can only be changed in the file; restart the engine to apply it"
        case .pathExists: "path already exists"
        case .pathNotFound: "path configuration not found"
        }
    }
}

// MARK: - HLS

extension MediaEngine: HLSSource {
    func authorizeHLS(path: String, address: IPAddress?, credentials: AccessCredentials) async throws(HLSRefusal) {
        let request = AccessRequest(action: .read, path: path, address: address, credentials: credentials)
        switch core.access.decide(request) {
        case .allowed: return
        case .credentialsMissing: throw .unauthorized
        case .denied:
            let delay = core.noteFailedLogin(request, protocolName: "HLS")
            try? await Task.sleep(for: delay)
            throw .unauthorized
        }
    }

    func hlsVariant(ofPath path: String) async -> HLSVariant? { core.hlsVariant(ofPath: path) }

    func attachHLS(_ muxer: any StreamReader, to name: String) async throws(HLSRefusal) -> HLSAttachment {
        let attachment = HLSAttachment(id: core.makeID(), path: name)
        let result: Result<Void, PathError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                beginAttaching(muxer, attachment, continuation)
            }
        } onCancel: {
            // Ends at once: it only brings the cancellation onto the event loop.
            Task { await self.cancelAttaching(attachment) }
        }
        switch result {
        case .success: return attachment
        case .failure(let error): throw HLSRefusal(error)
        }
    }

    private func beginAttaching(
        _ muxer: any StreamReader, _ attachment: HLSAttachment,
        _ continuation: CheckedContinuation<Result<Void, PathError>, Never>
    ) {
        do throws(PathError) {
            try core.withPath(named: attachment.path) { path in
                let reader = HLSReader(id: attachment.id, path: path, muxer: muxer)
                hlsReaders[attachment.id] = reader
                reader.attach { result in
                    if case .failure = result { self.assumeIsolated { $0.hlsReaders[attachment.id] = nil } }
                    continuation.resume(returning: result)
                }
            }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }

    private func cancelAttaching(_ attachment: HLSAttachment) {
        hlsReaders[attachment.id]?.cancelAttaching()
    }

    func detachHLS(_ attachment: HLSAttachment) async {
        hlsReaders.removeValue(forKey: attachment.id)?.detach()
    }

    var viewerLimits: ViewerLimits {
        ViewerLimits(queuedByteCount: core.readerQueueLimit, queues: core.readerQueues)
    }
}

extension HLSRefusal {
    fileprivate init(_ error: PathError) {
        switch error {
        case .invalidName(let path, _), .notConfigured(let path), .noStream(let path), .alreadyPublished(let path),
            .notPublishable(let path):
            self = .noStream(path: path)
        case .timedOut(let path): self = .sourceTimedOut(path: path)
        case .commandEnded(let path): self = .sourceFailed(path: path)
        case .tooManyReaders(let path, _): self = .tooManyReaders(path: path)
        case .noRoomForViewer: self = .tooManyViewers
        case .closing: self = .closing
        }
    }
}
