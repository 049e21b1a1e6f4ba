import EngineContract
import Logging
import NIOCore
import NIOPosix
import ServerTLS
import ServiceLifecycle
import StreamModel
import StreamProtocols

/// The built-in engine as a service: opens the listeners that the configuration names, serves until it is told to stop,
/// and says goodbye to viewers then.
public struct MediaServer: Service {
    /// What the rest of a shutdown may take after the viewers were told: the whole stays below two seconds.
    private static let shutdownPatience: Duration = .milliseconds(1700)

    /// Event loops at most. More than a few cores for one computer's network help nobody, and each that has a viewer of a path is
    /// woken by each picture.
    private static let loopLimit = 8

    /// The ports that are really listened on; nil for what is switched off.
    public struct Ports: Equatable, Sendable {
        public var rtsp: Int?
        public var rtsps: Int?
        public var rtp: Int?
        public var rtcp: Int?
        public var rtmp: Int?
        public var srt: Int?
        public var hls: Int?
        public var webRTC: Int?
        /// Of WebRTC's media.
        public var webRTCUDP: Int?
        public var webRTCTCP: Int?
        public var api: Int?
    }

    private let configuration: EngineConfiguration
    private let ownExecutable: String?
    private let logger: Logger
    private let onListening: @Sendable (Ports) async -> Void

    /// - Parameters:
    ///   - ownExecutable: the file of this program, links resolved: a path's command that is its own demand hook
    ///     (``DemandHook``) is done without starting it.
    ///   - onListening: called once everything is listened on.
    public init(
        configuration: EngineConfiguration, ownExecutable: String? = nil, logger: Logger,
        onListening: @escaping @Sendable (Ports) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.ownExecutable = ownExecutable
        self.logger = logger
        self.onListening = onListening
    }

    /// - Throws: ``MediaServerError`` when a listener can't be opened, and what is wrong with the configuration.
    public func run() async throws {
        OpenFiles.raiseLimit()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, Self.loopLimit))
        do {
            try await serve(on: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        guard configuration.authMethod == "internal" else {
            throw MediaServerError.unsupportedAuthMethod(configuration.authMethod)
        }
        let eventLoop = group.next()
        let clock = EngineClock(eventLoop: eventLoop)
        let engine = try MediaEngine(
            configuration: configuration, ownExecutable: ownExecutable, clock: clock, logger: logger)
        await engine.start()
        for warning in Self.warnings(configuration) {
            logger.warning("\(warning)")
        }

        let listener = RTSPListener(
            configuration: configuration, engine: engine, eventLoop: eventLoop, connectionLoops: group, logger: logger)
        var ports = Ports()
        var webRTCListener: WebRTCListener?
        var rtmpListener: RTMPListener?
        var srtListener: SRTListener?
        do {
            if configuration.rtsp { try await listener.start(&ports) }
            if configuration.rtmp {
                rtmpListener = try await RTMPListener(configuration.rtmpAddress, engine: engine, on: eventLoop)
                ports.rtmp = rtmpListener?.port
            }
            if configuration.srt {
                srtListener = try await SRTListener(configuration, engine: engine, on: eventLoop, logger: logger)
                ports.srt = srtListener?.port
            }
            if configuration.webrtc {
                webRTCListener = try await startWebRTC(engine, on: eventLoop, of: group, &ports)
            }
            try await serveHTTP(engine: engine, clock: clock, group: group, ports: ports)
        } catch {
            await listener.close()
            await rtmpListener?.close()
            await srtListener?.close()
            await webRTCListener?.close()
            await engine.shutdown()
            throw error
        }
        await listener.close()
        await rtmpListener?.close()
        await srtListener?.close()
        await webRTCListener?.close()
        await engine.shutdown()
    }

    /// What the user should know about settings that are not followed.
    static func warnings(_ configuration: EngineConfiguration) -> [String] {
        var warnings: [String] = []
        for (name, path) in configuration.paths.sorted(by: { $0.key < $1.key }) where path.source != "publisher" {
            warnings.append("The source of path '\(name)' is not supported by the built-in engine; publish it instead.")
        }
        if configuration.hlsAlwaysRemux {
            warnings.append("hlsAlwaysRemux is not supported by the built-in engine; HLS begins with the first viewer.")
        }
        return warnings
    }

    /// Opens the ports of WebRTC's media.
    ///
    /// - Returns: what listens by TCP; nil when nothing does.
    private func startWebRTC(
        _ engine: MediaEngine, on eventLoop: any EventLoop, of group: MultiThreadedEventLoopGroup, _ ports: inout Ports
    ) async throws -> WebRTCListener? {
        let key = "webrtcLocalUDPAddress"
        let address = try ListenAddress(configuration.webrtcLocalUDPAddress, key: key)
        let socket = try await DatagramBinding.open(
            configuration.webrtcLocalUDPAddress, key: key, on: eventLoop)
        var listener: WebRTCListener?
        do {
            if !configuration.webrtcLocalTCPAddress.isEmpty {
                listener = try await WebRTCListener(
                    configuration.webrtcLocalTCPAddress, key: "webrtcLocalTCPAddress", engine: engine, on: eventLoop)
            }
            ports.webRTCTCP = listener?.number
            ports.webRTCUDP = try await engine.useWebRTC(
                socket, at: address, streamPort: listener?.number, eventLoops: Array(group.makeIterator()))
            return listener
        } catch {
            try? await socket.channel.close()
            await listener?.close()
            throw error
        }
    }

    /// Serves HLS, the signalling of WebRTC and the control API until the shutdown, which begins with goodbyes to RTSP clients.
    private func serveHTTP(
        engine: MediaEngine, clock: EngineClock, group: MultiThreadedEventLoopGroup, ports: Ports
    ) async throws {
        let delivery: HLSDelivery? =
            configuration.hls
            ? HLSDelivery(
                source: engine, settings: HLSSettings(configuration), clock: clock, logger: logger) : nil
        let readiness = Readiness(
            ports: ports,
            awaited: [configuration.hls, configuration.webrtc, configuration.api].count(where: { $0 }),
            onReady: onListening)
        var listeners: [HTTPListener] = []
        if let delivery {
            listeners.append(
                try HTTPListener(
                    "HLS", key: "hlsAddress", at: configuration.hlsAddress, .viewers,
                    certificate: certificate(
                        configuration.hlsEncryption, configuration.hlsServerCert, configuration.hlsServerKey),
                    responder: HLSResponder(delivery: delivery), eventLoopGroup: group, logger: logger,
                    onListening: { await readiness.listening(\.hls, port: $0) },
                    onShutdown: { await delivery.shutdown() }))
        }
        if configuration.webrtc {
            listeners.append(
                try HTTPListener(
                    "WebRTC", key: "webrtcAddress", at: configuration.webrtcAddress, .viewers,
                    certificate: certificate(
                        configuration.webrtcEncryption, configuration.webrtcServerCert, configuration.webrtcServerKey),
                    responder: WebRTCResponder(engine: engine, allowOrigins: configuration.webrtcAllowOrigins),
                    eventLoopGroup: group, logger: logger,
                    onListening: { await readiness.listening(\.webRTC, port: $0) }))
        }
        if configuration.api {
            let control = EngineControl(engine: engine, hls: delivery, started: clock.wallTime.description)
            listeners.append(
                try HTTPListener(
                    "the control API", key: "apiAddress", at: configuration.apiAddress, .control,
                    responder: ControlAPIResponder(api: control, allowOrigins: configuration.apiAllowOrigins),
                    eventLoopGroup: group, logger: logger, onListening: { await readiness.listening(\.api, port: $0) }))
        }
        await readiness.announceIfReady()

        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for listener in listeners { tasks.addTask { try await listener.run() } }
            tasks.addTask {
                // Throws when another task has failed and this one is cancelled.
                try await gracefulShutdown()
                await engine.shutdown()
            }
            // The first that fails ends the others; a shutdown ends all of them, by force when players keep their
            // connections.
            tasks.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: Self.shutdownPatience)
                throw ShutdownTimeout()
            }
            do {
                for _ in 0...listeners.count { try await tasks.next() }
            } catch is ShutdownTimeout {
                logger.debug("Some connections were still open at the end of the shutdown")
            }
            tasks.cancelAll()
        }
    }

    /// Nil for plain HTTP.
    private func certificate(
        _ isEncrypted: Bool, _ certificate: String, _ key: String
    ) throws(MediaServerError) -> ServerCertificate? {
        guard isEncrypted else { return nil }
        do throws(CertificateError) {
            return try ServerCertificate(
                CertificateFiles(certificate: certificate, key: key),
                protocols: SecureHTTPChannel.protocols, logger: logger)
        } catch {
            throw .certificate(error)
        }
    }

    private struct ShutdownTimeout: Error {}
}

/// Says once that everything is listened on.
private actor Readiness {
    private var ports: MediaServer.Ports
    private var awaited: Int
    private let onReady: @Sendable (MediaServer.Ports) async -> Void

    init(ports: MediaServer.Ports, awaited: Int, onReady: @escaping @Sendable (MediaServer.Ports) async -> Void) {
        self.ports = ports
        self.awaited = awaited
        self.onReady = onReady
    }

    func announceIfReady() async {
        if awaited == 0 { await onReady(ports) }
    }

    func listening(_ place: any WritableKeyPath<MediaServer.Ports, Int?> & Sendable, port: Int) async {
        ports[keyPath: place] = port
        awaited -= 1
        if awaited == 0 { await onReady(ports) }
    }
}

extension MediaServer: CustomStringConvertible {
    /// The name alone: service groups log their services, and the configuration holds passwords.
    public var description: String { "MediaServer" }
}
