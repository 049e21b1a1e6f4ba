import ConnectionLimits
import EngineContract
import Foundation
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// What the engine holds: paths, connections, users, commands. Confined to the engine's event loop, which is also the
/// executor of the ``MediaEngine`` that owns it; connections' channels and what viewers are sent live on all event loops.
final class EngineCore {
    /// Commands at once of paths that clients name: those that a regular expression or `all_others` stands for.
    static let patternHookLimit = 64

    /// Connections of RTMP at once, and from one address.
    static let rtmpLimit = 256
    static let rtmpLimitPerClient = 32

    let clock: EngineClock
    let logger: Logger
    private(set) var configuration: EngineConfiguration
    private(set) var access: AccessControl
    private(set) var paths: [String: Path] = [:]
    private var table: PathTable
    /// This program's file, whose demand hook needs no process; nil when every command is run as one.
    private let ownExecutable: String?

    var rtspSettings: RTSPServerState.Settings
    var datagramEndpoint: RTPDatagramEndpoint?
    /// nil where nothing is sent so.
    let multicast: MulticastServer?
    /// nil where nothing of that is announced.
    private var announcer: SAPAnnouncer?
    /// nil where it is not served.
    var webRTC: WebRTCServer?
    /// The port that viewers and hooks use.
    var rtspPort = 0
    /// Told when a command has ended by itself.
    var onHookExit: (@Sendable (HookID, String) async -> Void)?

    let readerQueues = ReaderQueues()
    /// As it is set now, for channels on other event loops.
    private let writeTimeout: WriteTimeout
    private(set) var connections: [String: RTSPConnection] = [:]
    private let admission: RTSPAdmission
    private var sessions: [String: RTSPConnection] = [:]
    private(set) var rtmpConnections: [String: RTMPConnection] = [:]
    private let rtmpCounter: ConnectionCounter
    private(set) lazy var srt = SRTServer(self)
    private var throttle = LoginThrottle()
    private var repeatedLines = RepeatedLines()
    private var hooks: [HookID: any Hook] = [:]
    /// Those of ``hooks`` whose paths clients name.
    private var patternHooks: Set<HookID> = []
    private var nextHookNumber = 0
    private var isClosing = false
    /// Called when the last connection is gone.
    var onAllConnectionsClosed: (() -> Void)?

    /// - Throws: ``AccessControlError``, ``PathRegexError`` or `EngineConfigurationError` when the configuration can't be used.
    init(
        configuration: EngineConfiguration, ownExecutable: String?, clock: EngineClock, logger: Logger
    ) throws {
        self.configuration = configuration
        self.ownExecutable = ownExecutable
        self.logger = logger
        self.clock = clock
        writeTimeout = WriteTimeout(configuration.writeTimeout)
        admission = RTSPAdmission(logger: logger)
        rtmpCounter = ConnectionCounter(
            "RTMP", total: Self.rtmpLimit, perNetwork: Self.rtmpLimitPerClient, logger: logger)
        access = try AccessControl(users: configuration.authInternalUsers)
        table = try PathTable(configuration.paths)
        let multicast = try MulticastServer(configuration, clock: clock)
        self.multicast = multicast
        rtspSettings = RTSPServerState.Settings(
            allowsInterleaved: configuration.rtspTransports.contains(.tcp),
            multicastRefusal: multicast == nil ? MulticastError.notOffered : nil,
            makeSessionID: Self.randomHexadecimal)
    }

    /// Makes the paths that exist without anybody there.
    func start() {
        if let multicast, configuration.multicastAnnounce { announcer = makeAnnouncer(of: multicast) }
        for name in table.staticNames { try? withPath(named: name) { _ in } }
    }

    private func makeAnnouncer(of server: MulticastServer) -> SAPAnnouncer {
        SAPAnnouncer(
            SAPAnnouncer.Environment(
                server: server,
                clock: clock,
                queues: readerQueues,
                queueLimit: { [unowned self] in readerQueueLimit },
                isOpenToAll: { [unowned self] in access.isOpenToAll(.read, path: $0) },
                logRepeatable: { [unowned self] in logRepeatable($0, $1) }))
    }

    // MARK: Time and names

    func makeID() -> String { UUID().uuidString.lowercased() }

    /// 128 random bits.
    func makeSecret() -> String { Self.randomHexadecimal() }

    private static func randomHexadecimal() -> String {
        let digits = String(UInt128.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Bytes that may wait for one viewer: what the configuration says in packets.
    var readerQueueLimit: Int { configuration.writeQueueSize * configuration.udpMaxPayloadSize }

    // MARK: Paths

    /// Calls `body` with the path of a name, which is made when it is not there yet. One that only a pattern fits is gone
    /// again afterwards unless somebody then uses it, so that asking for names costs no memory.
    func withPath<Result>(
        named name: String, _ body: (Path) throws(PathError) -> Result
    ) throws(PathError) -> Result {
        let path = try path(named: name)
        defer { forgetIfIdle(path) }
        return try body(path)
    }

    private func path(named name: String) throws(PathError) -> Path {
        if isClosing { throw .closing }
        if let path = paths[name] { return path }
        if let problem = PathName.problem(with: name) { throw .invalidName(name, problem: problem.text) }
        guard let entry = table.entry(for: name) else { throw .notConfigured(path: name) }
        let path = Path(name: name, entry: entry, environment: pathEnvironment)
        paths[name] = path
        return path
    }

    private var pathEnvironment: PathEnvironment {
        PathEnvironment(
            clock: clock,
            logger: logger,
            logRepeatable: { [unowned self] in logRepeatable($0, $1) },
            makeStream: { [unowned self] path, formats in makeStream(path: path, formats: formats) },
            streamEnded: { [unowned self] in announcer?.streamEnded($0) },
            startHook: { [unowned self] path, query in startHook(of: path, query: query) },
            stopHook: { [unowned self] in hooks[$0]?.stop() },
            onIdle: { [weak self] in self?.forgetIfIdle($0) }
        )
    }

    private func makeStream(path: String, formats: [RTPFormat]) -> Stream {
        let stream = Stream(
            path: path, formats: formats,
            // A UDP payload holds the RTP header too.
            maximumPayloadSize: min(
                configuration.udpMaxPayloadSize - RTPPacket.headerSize, RTPPayloadSize.standard),
            clock: clock,
            logger: logger)
        announcer?.streamBegan(stream)
        return stream
    }

    /// Names that match only a pattern exist as long as they are used.
    private func forgetIfIdle(_ path: Path) {
        guard path.isIdle, paths[path.name] === path, table.configurations[path.name] == nil else { return }
        paths[path.name] = nil
    }

    // MARK: Commands

    private func startHook(of path: Path, query: String) -> HookID? {
        var variables = ["MTX_PATH": path.name, "RTSP_PORT": String(rtspPort)]
        for (index, group) in path.entry.groups.enumerated() { variables["G\(index + 1)"] = group }
        let command: HookCommand
        do {
            command = try HookCommand(path.entry.configuration.runOnDemand).expanding(variables)
        } catch {
            logRepeatable(.error, "The command of path '\(path.name)' can't be run: \(error)")
            return nil
        }
        let isPattern = path.entry.configurationName != path.name
        guard !isPattern || patternHooks.count < Self.patternHookLimit else {
            logRepeatable(
                .warning,
                "The command of '\(path.entry.configurationName)' runs for \(Self.patternHookLimit) paths already; more wait until one of them ends"
            )
            return nil
        }
        // A viewer chooses the query: it is put into the environment, never into the text, which may be a shell's.
        variables["MTX_QUERY"] = query
        nextHookNumber += 1
        let id = HookID(number: nextHookNumber)
        let onHookExit = onHookExit
        if isPattern { patternHooks.insert(id) }
        logRepeatable(.info, "runOnDemand command of path '\(path.name)' started")
        let onExit: @Sendable (String) async -> Void = { await onHookExit?(id, $0) }
        hooks[id] =
            if let own = ownDemandHook(command) {
                DemandConnection(own, path: path.name, eventLoop: clock.eventLoop, onExit: onExit)
            } else {
                HookProcess(command: command, environment: variables, onExit: onExit)
            }
        return id
    }

    /// The command as one of our own; nil when another program is to be run.
    private func ownDemandHook(_ command: HookCommand) -> DemandHook? {
        guard let ownExecutable, let hook = DemandHook(words: command.words) else { return nil }
        return URL(filePath: hook.executable).resolvingSymlinksInPath().path == ownExecutable ? hook : nil
    }

    func hookExited(_ id: HookID, reason: String) {
        guard hooks.removeValue(forKey: id) != nil else { return }
        patternHooks.remove(id)
        logRepeatable(.info, "runOnDemand command ended: \(reason)")
        for path in Array(paths.values) { path.hookExited(id) }
    }

    var runningHooks: [any Hook] { Array(hooks.values) }

    // MARK: Connections

    /// What a client's channel needs to be a connection; nil when there is no room for it.
    func admit(_ address: SocketAddress?, isSecure: Bool, on eventLoop: any EventLoop) -> RTSPChannel? {
        let client = ClientNetwork(address)
        guard !isClosing, admission.enter(client) else { return nil }
        let connection = RTSPConnection(id: makeID(), address: address, client: client, isSecure: isSecure, core: self)
        connections[connection.id] = connection
        return RTSPChannel(
            NIOLoopBound(connection, eventLoop: clock.eventLoop), eventLoop: eventLoop, clock: clock,
            writeTimeout: writeTimeout)
    }

    /// A connection is closed and has no session any more.
    func remove(_ connection: RTSPConnection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        admission.leave(connection.client, hasSession: connection.isAdmittedAsSession)
        if connections.isEmpty { onAllConnectionsClosed?() }
    }

    /// A connection of RTMP; nil when there is no room for it.
    func admitRTMP(_ address: SocketAddress?) -> RTMPConnection? {
        guard !isClosing else { return nil }
        let connection = RTMPConnection(id: makeID(), address: address, core: self)
        guard rtmpCounter.enter(connection.client) else { return nil }
        rtmpConnections[connection.id] = connection
        return connection
    }

    /// A connection of RTMP is closed.
    func remove(_ connection: RTMPConnection) {
        guard rtmpConnections.removeValue(forKey: connection.id) != nil else { return }
        rtmpCounter.leave(connection.client)
    }

    func sessionBegan(_ id: String, _ connection: RTSPConnection) {
        sessions[id] = connection
        if !connection.isAdmittedAsSession { admission.sessionBegan(connection.client) }
        connection.isAdmittedAsSession = true
    }

    func sessionEnded(_ id: String) {
        guard let connection = sessions.removeValue(forKey: id) else { return }
        if admission.sessionEnded(connection.client) {
            connection.isAdmittedAsSession = false
        } else {
            connection.close(because: "its client has too many connections without a session")
        }
    }

    /// - Throws: ``PathError/noRoomForViewer(limit:)`` when only publishers get in any more.
    func checkRoomForViewer() throws(PathError) {
        // Sessions are viewers but for a publisher a path.
        guard sessions.count < RTSPAdmission.viewerLimit else {
            throw .noRoomForViewer(limit: RTSPAdmission.viewerLimit)
        }
    }

    /// - Returns: false when there is no such session.
    func kickSession(_ id: String) -> Bool {
        guard let connection = sessions[id] else { return false }
        connection.close(because: "kicked by the control API")
        return true
    }

    /// - Returns: false when there is no such connection.
    func kickRTMPConnection(_ id: String) -> Bool {
        guard let connection = rtmpConnections[id] else { return false }
        connection.close(because: "kicked by the control API")
        return true
    }

    /// Sessions in the order of their beginning.
    var sessionConnections: [(id: String, connection: RTSPConnection)] {
        sessions.map { ($0.key, $0.value) }.sorted { ($0.1.created, $0.0) < ($1.1.created, $1.0) }
    }

    /// Notes a failed login and logs it, without what was shown.
    ///
    /// - Returns: how long the answer has to wait.
    func noteFailedLogin(_ request: AccessRequest, protocolName: String) -> Duration {
        let address = request.address
        let action = request.action.rawValue
        logRepeatable(
            .warning,
            "\(protocolName) \(address?.description ?? "?") failed to log in to \(action) path '\(request.path)'")
        guard let address else { return LoginThrottle.longestDelay }
        return throttle.failure(of: address, now: clock.now)
    }

    /// Writes a line that clients can make come as often as they like: once a minute.
    func logRepeatable(_ level: Logger.Level, _ line: String) {
        guard let suppressedCount = repeatedLines.admit(line, now: clock.now) else { return }
        let times = suppressedCount > 0 ? " (and \(suppressedCount) times more since it was logged last)" : ""
        logger.log(level: level, "\(line)\(times)")
    }

    // MARK: Settings

    /// Changes the users; sessions that are not allowed any more end, and the others notice nothing.
    func setUsers(_ users: [AuthInternalUser]) throws(AccessControlError) {
        access = try AccessControl(users: users)
        configuration.authInternalUsers = users
        for connection in Array(connections.values) where !connection.isStillAllowed {
            connection.close(because: "its permission was withdrawn")
        }
        for connection in Array(rtmpConnections.values) where !connection.isStillAllowed {
            connection.close(because: "its permission was withdrawn")
        }
        srt.endThoseNotAllowed()
        webRTC?.accessChanged()
        announcer?.accessChanged()
    }

    /// Changes settings that need no listener to be opened again.
    func setLiveSettings(of changed: EngineConfiguration) {
        configuration.readTimeout = changed.readTimeout
        configuration.writeTimeout = changed.writeTimeout
        writeTimeout.value = changed.writeTimeout
        configuration.writeQueueSize = changed.writeQueueSize
        configuration.rtspAuthMethods = changed.rtspAuthMethods
        configuration.webrtcICEServers2 = changed.webrtcICEServers2
        configuration.webrtcAdditionalHosts = changed.webrtcAdditionalHosts
    }

    /// How HLS of a path is packed that is not to be as the others.
    func hlsVariant(ofPath name: String) -> HLSVariant? { table.entry(for: name)?.configuration.hlsVariant }

    /// The path that has the same in fewer bits.
    func lowerPath(ofPath name: String) -> String? { table.entry(for: name)?.configuration.webrtcLowerPath }

    /// Changes the settings of a name, or takes them from it. Only paths whose own settings change are closed.
    func setPath(_ name: String, _ settings: PathConfiguration?) throws(PathRegexError) {
        let formerLowerPath = table.configurations[name]?.webrtcLowerPath
        try table.set(name, settings)
        configuration.paths[name] = settings
        let isStatic = PathTable.isStatic(name)
        // Hundreds are changed one by one: whom it can't concern is not looked at.
        let concerned = isStatic ? [paths[name]].compactMap(\.self) : Array(paths.values)
        for path in concerned where table.entry(for: path.name)?.kept != path.entry.kept {
            paths[path.name] = nil
            path.close(because: "the settings of path '\(path.name)' have changed")
        }
        if isStatic, settings != nil { try? withPath(named: name) { _ in } }
        if settings?.webrtcLowerPath != formerLowerPath { webRTC?.lowerPathsChanged() }
    }

    // MARK: End

    /// Ends every session and every command.
    func close() {
        isClosing = true
        for path in Array(paths.values) { path.close(because: "the engine is shutting down") }
        paths = [:]
        for connection in Array(connections.values) { connection.close(because: "the engine is shutting down") }
        for connection in Array(rtmpConnections.values) { connection.close(because: "the engine is shutting down") }
        srt.close(because: "the engine is shutting down")
        for hook in hooks.values { hook.stop() }
    }

    func closeSockets() {
        datagramEndpoint?.close()
        datagramEndpoint = nil
        webRTC?.close()
        webRTC = nil
    }
}
