import EngineContract
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

@testable import MediaServer

/// A running engine on free ports.
struct EngineRig {
    let ports: MediaServer.Ports
    let stop: @Sendable () async -> Void

    /// A configuration that everybody may use, on free ports of this machine.
    static func configuration(
        _ paths: [String: PathConfiguration] = ["a": .init(), "b": .init()]
    ) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.rtspAddress = "127.0.0.1:0"
        configuration.rtpAddress = "127.0.0.1:0"
        configuration.rtcpAddress = "127.0.0.1:0"
        configuration.rtmpAddress = "127.0.0.1:0"
        // It has threads of its own, which few tests need.
        configuration.srt = false
        configuration.srtAddress = "127.0.0.1:0"
        configuration.hlsAddress = "127.0.0.1:0"
        configuration.webrtcAddress = "127.0.0.1:0"
        configuration.webrtcLocalUDPAddress = "127.0.0.1:0"
        configuration.apiAddress = "127.0.0.1:0"
        configuration.api = true
        configuration.hlsVariant = .mpegts
        configuration.paths = paths
        return configuration
    }

    /// Runs an engine while `body` runs, and waits until it has ended.
    static func run(
        _ configuration: EngineConfiguration, ownExecutable: String? = nil,
        _ body: @escaping @Sendable (EngineRig) async throws -> Void
    ) async throws {
        let (started, continuation) = AsyncStream.makeStream(of: MediaServer.Ports.self)
        var logger = Logger(label: "rig")
        logger.logLevel = ProcessInfo.processInfo.environment["TOPOSYNC_TEST_LOG"] == nil ? .critical : .debug
        let server = MediaServer(
            configuration: configuration, ownExecutable: ownExecutable, logger: logger
        ) { continuation.yield($0) }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            tasks.addTask {
                for await ports in started {
                    let rig = EngineRig(ports: ports, stop: { await group.triggerGracefulShutdown() })
                    do {
                        try await body(rig)
                    } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                    break
                }
                await group.triggerGracefulShutdown()
            }
            for _ in 0..<2 { try await tasks.next() }
        }
    }

    func url(_ path: String) -> String { "rtsp://127.0.0.1:\(ports.rtsp ?? 0)/\(path)" }

    // MARK: Control API

    struct Answer {
        var status: Int
        var body: Data

        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: body)
        }
    }

    /// Asks the control API with curl's HTTP, which is not ours.
    func api(_ method: String, _ path: String, body: String? = nil) async throws -> Answer {
        var arguments = ["-s", "-m", "10", "-X", method, "-w", "\n%{http_code}"]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        arguments.append("http://127.0.0.1:\(ports.api ?? 0)\(path)")
        let output = try await Program("curl", arguments).run().output
        let end = output.lastIndex(of: UInt8(ascii: "\n")) ?? output.startIndex
        return Answer(
            status: Int(String(decoding: output[end...].dropFirst(), as: UTF8.self)) ?? 0, body: Data(output[..<end]))
    }

    func paths() async throws -> [ControlAPI.Path] {
        try await api("GET", "/v3/paths/list").decoded(ControlAPI.Page<ControlAPI.Path>.self).items
    }

    /// Asks until `condition` holds: what is asked for happens on connections of its own.
    func waitForPath(
        _ name: String, within limit: Duration = .seconds(5), _ condition: (ControlAPI.Path) -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let path = try await paths().first(where: { $0.name == name }), condition(path) { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

/// A program of the machine.
struct Program {
    let name: String
    let arguments: [String]

    init(_ name: String, _ arguments: [String]) {
        self.name = name
        self.arguments = arguments
    }

    static func isInstalled(_ name: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    struct Result: Sendable {
        var status: Int32
        var output: Data
    }

    /// Starts the program; ending the task ends it.
    func start() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    func run() async throws -> Result {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                do {
                    try process.run()
                    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
                    process.waitUntilExit()
                    continuation.resume(returning: Result(status: process.terminationStatus, output: output))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.start()
        }
    }
}
