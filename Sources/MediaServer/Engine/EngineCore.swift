import EngineContract
import Foundation
import Logging
import NIOCore
import StreamProtocols

/// What the engine holds: paths, connections, users, commands. Confined to the engine's event loop, which is also the
/// executor of the ``MediaEngine`` that owns it.
final class EngineCore {
    /// Connections at once, and of one address before they have a session: enough for any site, and a bound for who only
    /// wants to use them up.
    static let connectionLimit = 4096
    static let sessionlessConnectionLimitPerAddress = 256

    let clock: LoopClock
    let logger: Logger
    private(set) var configuration: EngineConfiguration
    private(set) var access: AccessControl
    private(set) var paths: [String: Path] = [:]
    private var table: PathTable

    var rtspSettings: RTSPServerState.Settings
    var datagramEndpoint: RTPDatagramEndpoint?
    /// The port that viewers and hooks use.
    var rtspPort = 0
    /// Told when a command has ended by itself.
    var onHookExit: (@Sendable (HookID, String) async -> Void)?

    private(set) var connections: [String: RTSPConnection] = [:]
    private var sessions: [String: RTSPConnection] = [:]
    private var throttle = LoginThrottle()
    private var hooks: [HookID: HookProcess] = [:]
    private var nextHookNumber = 0
    private var isClosing = false
    /// Called when the last connection is gone.
    var onAllConnectionsClosed: (() -> Void)?

    /// - Throws: ``AccessControlError`` or ``PathRegexError`` when the configuration can't be used.
    init(configuration: EngineConfiguration, eventLoop: any EventLoop, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        clock = LoopClock(eventLoop: eventLoop)
        access = try AccessControl(users: configuration.authInternalUsers)
        table = try PathTable(configuration.paths)
        rtspSettings = RTSPServerState.Settings(
            allowsInterleaved: configuration.rtspTransports.contains(.tcp),
            makeSessionID: Self.randomHexadecimal)
    }

    /// Makes the paths that exist without anybody there.
    func start() {
        for name in table.staticNames { _ = try? path(named: name) }
    }

    // MARK: Time and names

    func wallTimeText() -> String { WallTime.now.description }

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

    /// The path of a name, made when it is not there yet.
    func path(named name: String) throws(PathError) -> Path {
        if isClosing { throw .closing }
        if let path = paths[name] { return path }
        if let problem = PathName.problem(with: name) { throw .invalidName(name, problem: problem) }
        guard let entry = table.entry(for: name) else { throw .notConfigured(path: name) }
        let path = Path(name: name, entry: entry, environment: pathEnvironment)
        paths[name] = path
        return path
    }

    private var pathEnvironment: PathEnvironment {
        PathEnvironment(
            clock: clock,
            logger: logger,
            wallTimeText: { [unowned self] in wallTimeText() },
            makeStream: { [unowned self] path, formats in makeStream(path: path, formats: formats) },
            startHook: { [unowned self] path, query in startHook(of: path, query: query) },
            stopHook: { [unowned self] in hooks[$0]?.stop() },
            onIdle: { [weak self] in self?.forgetIfIdle($0) }
        )
    }

    private func makeStream(path: String, formats: [StreamFormat]) -> Stream {
        Stream(
            path: path, formats: formats,
            // A UDP payload holds the RTP header too.
            maximumPayloadSize: min(
                configuration.udpMaxPayloadSize - RTPPacket.headerSize, NALUnitPacketizerLimits.defaultMaxPayloadSize),
            clock: clock,
            wallTime: {
                NTPTimestamp(sinceUnixEpoch: .milliseconds(WallTime.now.millisecondsSinceEpoch))
            },
            logger: logger)
    }

    /// Names that only a pattern fits are there as long as somebody uses them.
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
            logger.error("The command of path '\(path.name)' can't be run: \(error)")
            return nil
        }
        // A viewer chooses the query: it is put into the environment, never into the text, which may be a shell's.
        variables["MTX_QUERY"] = query
        nextHookNumber += 1
        let id = HookID(number: nextHookNumber)
        let onHookExit = onHookExit
        logger.info("runOnDemand command of path '\(path.name)' started")
        hooks[id] = HookProcess(command: command, environment: variables) { reason in
            await onHookExit?(id, reason)
        }
        return id
    }

    func hookExited(_ id: HookID, reason: String) {
        guard hooks.removeValue(forKey: id) != nil else { return }
        logger.info("runOnDemand command ended", metadata: ["how": "\(reason)"])
        for path in Array(paths.values) { path.hookExited(id) }
    }

    var runningHooks: [HookProcess] { Array(hooks.values) }

    // MARK: Connections

    /// Whether one more connection is taken.
    func admits(_ address: IPAddress?) -> Bool {
        guard !isClosing, connections.count < Self.connectionLimit else { return false }
        // Counting is only worth it when there are many.
        guard connections.count >= Self.sessionlessConnectionLimitPerAddress else { return true }
        let waiting = connections.values.lazy.filter { !$0.hasSession && $0.remoteAddress == address }
        return waiting.count < Self.sessionlessConnectionLimitPerAddress
    }

    func makeConnection() -> RTSPConnection {
        let connection = RTSPConnection(id: makeID(), core: self)
        connections[connection.id] = connection
        return connection
    }

    func remove(_ connection: RTSPConnection) {
        guard connections.removeValue(forKey: connection.id) != nil, connections.isEmpty else { return }
        onAllConnectionsClosed?()
    }

    func sessionBegan(_ id: String, _ connection: RTSPConnection) { sessions[id] = connection }

    func sessionEnded(_ id: String) { sessions[id] = nil }

    /// - Returns: false when there is no such session.
    func kickSession(_ id: String) -> Bool {
        guard let connection = sessions[id] else { return false }
        connection.sayGoodbye(because: "kicked by the control API")
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
        logger.warning(
            "\(protocolName) \(address?.description ?? "?") failed to log in to \(action) path '\(request.path)'")
        guard let address else { return LoginThrottle.longestDelay }
        return throttle.failure(of: address, now: clock.now)
    }

    // MARK: Settings

    /// Changes the users; sessions that are not allowed any more end, and the others notice nothing.
    func setUsers(_ users: [AuthInternalUser]) throws(AccessControlError) {
        access = try AccessControl(users: users)
        configuration.authInternalUsers = users
        for connection in Array(connections.values) where !connection.isStillAllowed {
            connection.sayGoodbye(because: "its permission was withdrawn")
        }
    }

    /// Changes settings that need no listener to be opened again.
    func setLiveSettings(of changed: EngineConfiguration) {
        configuration.readTimeout = changed.readTimeout
        configuration.writeTimeout = changed.writeTimeout
        configuration.writeQueueSize = changed.writeQueueSize
        configuration.rtspAuthMethods = changed.rtspAuthMethods
        configuration.webrtcICEServers2 = changed.webrtcICEServers2
        configuration.webrtcAdditionalHosts = changed.webrtcAdditionalHosts
    }

    /// Changes the paths' settings. Only paths whose own settings change are closed.
    func setPaths(_ changed: [String: PathConfiguration]) throws(PathRegexError) {
        table = try PathTable(changed)
        configuration.paths = changed
        for path in Array(paths.values) where table.entry(for: path.name) != path.entry {
            paths[path.name] = nil
            path.close(because: "the settings of path '\(path.name)' have changed")
        }
        start()
    }

    // MARK: End

    /// Tells every viewer goodbye and ends every command.
    func close() {
        isClosing = true
        for path in Array(paths.values) { path.close(because: "the engine is shutting down") }
        paths = [:]
        for connection in Array(connections.values) { connection.sayGoodbye(because: "the engine is shutting down") }
        for hook in hooks.values { hook.stop() }
    }

    func closeSockets() {
        datagramEndpoint?.close()
        datagramEndpoint = nil
    }
}
