import EngineContract
import Foundation
import StreamModel

extension EngineManager {
    /// How the engine is now.
    ///
    /// - Parameters:
    ///   - settings: those that are stored.
    ///   - requestHost: the host name of the request, for the URLs when the engine is open to the network.
    func status(_ settings: EngineSettings, requestHost: String?) -> EngineStatus {
        let running = phase == .running
        let ports = process?.assignment.ports ?? EnginePorts(settings.preferredPorts)
        let next = try? chooseProgram(settings)
        let shown = process?.program ?? next
        let orphans = staleEngines.current(of: environment.stale, except: process?.pid)
        let started = process?.started
        return EngineStatus(
            running: running, state: phase, kind: shown?.kind ?? settings.kind, pid: process?.pid,
            uptimeSeconds: started.map { $0.instant.duration(to: .now) / .seconds(1) },
            startedAtUnix: started?.date.timeIntervalSince1970,
            bindHost: settings.exposeToLAN ? "0.0.0.0" : "127.0.0.1", ports: ports,
            lastError: lastError ?? missingProgram(settings), mediamtxVersion: settings.mediamtxVersion,
            platform: MachinePlatform.current?.rawValue, binaryPath: shown?.executable,
            configPath: environment.directory.engineConfiguration, logPath: log?.path,
            urls: StreamURLs(
                path: EngineStatus.testPath, host: settings.exposeToLAN ? requestHost ?? "127.0.0.1" : "127.0.0.1",
                ports: ports, isSecure: usesTLS, rtspsPort: rtspsPort,
                mapping: settings.exposeToLAN ? hostFacts : nil),
            warnings: warnings(settings, running: running, orphans: orphans), restartCount: retries.count,
            orphanPIDs: orphans, version: (process?.version ?? installedVersion(shown))?.description,
            download: download(settings), enabled: settings.enabled, logTail: log.map(EngineLog.tail) ?? [],
            webRTCHosts: webRTCHosts(settings),
            webRTCOffersPageAddress: environment.builder.offersPageAddress(settings, found: hostFacts.addresses))
    }

    /// The port of RTSP by TLS; nil where it is not served.
    var rtspsPort: Int? { process?.assignment.secure?.rtsps }

    /// Where WebRTC viewers look for the engine.
    private func webRTCHosts(_ settings: EngineSettings) -> [WebRTCHost] {
        let hosts = environment.builder.webRTCHosts(settings, found: hostFacts.addresses)
        let interfaces = settings.exposeToLAN ? NetworkInterfaces.addresses : []
        return (hosts + interfaces.map { WebRTCHost(host: $0, source: .interface) }).unique()
    }

    private var hostFacts: HostNetwork.Facts { environment.hostNetwork?.current ?? HostNetwork.Facts() }

    /// The ports of WebRTC's media that Supervisor has to map, such as `18762/udp`.
    private func webRTCPorts() -> [String] {
        guard let process else { return [] }
        let addresses = [
            "udp": process.configuration.webrtcLocalUDPAddress, "tcp": process.configuration.webrtcLocalTCPAddress,
        ]
        return addresses.sorted { $0.key > $1.key }.compactMap { kind, address in
            address.split(separator: ":").last.map { "\($0)/\(kind)" }
        }
    }

    /// Whether web players use HTTPS.
    nonisolated var usesTLS: Bool { environment.builder.certificate != nil }

    private func missingProgram(_ settings: EngineSettings) -> CodedMessage? {
        do {
            _ = try chooseProgram(settings)
            return nil
        } catch .notInstalled {
            // No error yet: starting the engine downloads it.
            return nil
        } catch {
            return error.message
        }
    }

    private func installedVersion(_ program: EngineProgram?) -> MediaMTXVersion? {
        (program?.installed?.version).flatMap { MediaMTXVersion($0) }
    }

    /// What the user should know of installed programs.
    private func installWarnings(_ settings: EngineSettings) -> [CodedMessage] {
        let installed = environment.installer?.installed(settings.mediamtxVersion)
        if let altered = install.altered, altered.engine == installed, settings.kind == .auto {
            return [altered.error.message]
        }
        guard environment.enginePath == nil else { return [] }
        if settings.kind == .mediamtx, installed == nil, phase != .downloading {
            return [EngineProgramError.notInstalled.message]
        }
        if settings.kind == .auto, let installed, let process, process.program.kind == .builtin {
            return [
                CodedMessage(
                    "mediamtx_waits", "MediaMTX \(installed.version) is installed. Restart the engine to use it.",
                    ["version": .string("\(installed.version)")])
            ]
        }
        return []
    }

    /// The texts of contract A.2.
    private func warnings(_ settings: EngineSettings, running: Bool, orphans: [Int]) -> [CodedMessage] {
        var result: [CodedMessage] = []
        if !settings.enabled { result.append(CodedMessage("engine_disabled", "Engine is disabled in settings.")) }
        if settings.enabled, !running {
            result.append(CodedMessage("engine_not_running", "Engine is enabled but not running."))
        }
        if !orphans.isEmpty {
            let list = Self.list(orphans)
            result.append(
                CodedMessage(
                    "orphans",
                    "Found \(orphans.count) external MediaMTX process(es) for this data directory (pids: \(list)).",
                    ["pids": .string(list)]))
        }
        result += installWarnings(settings)
        if let fileProblem, fileProblem != lastError { result.append(fileProblem) }
        result += settings.webrtcICEServers.filter { !$0.isUsable }.map {
            CodedMessage(
                "turn_without_password",
                "The TURN server \($0.url) is not used, because it needs a user name and a password.",
                ["url": .string($0.url)])
        }
        result += passwordWarnings() + (currentGoal?.transmissions.compactMap(hlsWarning) ?? [])
        result += currentGoal?.multicastWarnings(by: process?.program.kind) ?? []
        if let process { result += process.assignment.warnings }
        result += hostFacts.warnings(webRTCPorts: webRTCPorts())
        if phase == .waiting, let retryAt = retries.nextAt {
            let seconds = max(0, ContinuousClock.now.duration(to: retryAt) / .seconds(1))
            let tenths = Int((seconds * 10).rounded())
            result.append(
                CodedMessage(
                    "restart_waits", "MediaMTX auto-restart backoff active for \(tenths / 10).\(tenths % 10)s.",
                    ["seconds": .string("\(tenths / 10).\(tenths % 10)")]))
        }
        if !recovered.isEmpty {
            result.append(
                CodedMessage(
                    "recovered",
                    "Automatically recovered \(recovered.count) stale MediaMTX process(es) for this data directory "
                        + "(pid: \(Self.list(recovered))).", ["pids": .string(Self.list(recovered))]))
        }
        return result
    }

    /// MediaMTX refuses an RTSP player's login with a second colon in it, which RFC 7617 §2 allows in a password.
    private func passwordWarnings() -> [CodedMessage] {
        guard process?.program.kind == .mediamtx, let goal = currentGoal else { return [] }
        let shut = goal.transmissions.filter { transmission in
            transmission.servedOutputs.contains {
                $0.protocol == .rtsp && $0.credentials?.password.exposed.contains(":") == true
            }
        }
        return shut.map {
            CodedMessage(
                "password_with_colon",
                "MediaMTX lets no RTSP player in to '\($0.name)', because the password has a colon in it. Choose a password "
                    + "without one, or the built-in engine.", ["transmission": .string($0.name)])
        }
    }

    /// What viewers by HLS miss of a transmission with the engine that runs; nil where they miss nothing. MediaMTX packs all its paths in
    /// MPEG-TS, and has H.264 alone in it.
    func hlsWarning(_ transmission: Transmission) -> CodedMessage? {
        guard process?.program.kind == .mediamtx, !transmission.fragmentedPaths.isEmpty else { return nil }
        return CodedMessage(
            "h265_hls_by_mediamtx",
            "MediaMTX has no H.265 by HLS, so nobody sees '\(transmission.name)' by it. Choose H.264 for that output, or "
                + "the built-in engine.", ["transmission": .string(transmission.name)])
    }

    private static func list(_ pids: [Int]) -> String { pids.map(String.init).joined(separator: ", ") }
}
