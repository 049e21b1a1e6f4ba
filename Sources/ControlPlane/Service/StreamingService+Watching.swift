import Foundation
import StreamModel

extension StreamingService {
    /// Where the outputs of a transmission are watched.
    ///
    /// - Parameters:
    ///   - query: `{prime}`, as a text: whether who asks is about to watch, so that the outputs are started; true when it is
    ///     left out.
    ///   - viewer: whom the addresses are given to; those of this server are good no longer than the viewer is known.
    ///   - requestHost: the host name of the request; it stands in the URLs when the engine is open to the network.
    public func urls(
        transmissionID: String, query: JSONValue = [:], for viewer: Identity, requestHost: String?
    ) async throws(ControlPlaneError) -> TransmissionURLs {
        let primes = try Self.bool("prime", of: query, default: true)
        let transmission = try await transmission(id: transmissionID)
        if primes { await primeDemand(of: transmission) }
        return await outputAddresses(for: viewer, requestHost).urls(of: transmission)
    }

    /// The same of every transmission at once, in their stored order. Starts nothing unless `prime` says so, and waits for
    /// no camera.
    public func allURLs(
        query: JSONValue, for viewer: Identity, requestHost: String?
    ) async throws(ControlPlaneError) -> AllURLs {
        let primes = try Self.bool("prime", of: query, default: false)
        let transmissions = store.current.transmissions
        if primes { await demandCoordinator.prime(Set(transmissions.flatMap(outputsToRun).map(\.enginePath))) }
        let addresses = await outputAddresses(for: viewer, requestHost)
        return AllURLs(
            engineRunning: addresses.engineIsRunning, transmissions: transmissions.map { addresses.urls(of: $0) })
    }

    private func outputAddresses(for viewer: Identity, _ requestHost: String?) async -> OutputAddresses {
        let settings = store.current.settings.engine
        return OutputAddresses(
            host: settings.exposeToLAN ? requestHost ?? "127.0.0.1" : "127.0.0.1",
            runningPorts: endpoint.ports, preferredPorts: EnginePorts(settings.preferredPorts),
            isSecure: engine.usesTLS,
            rtspsPort: await engine.rtspsPort, mapping: settings.exposeToLAN ? hostNetwork.current : nil,
            playback: { [media, mode = accounts.mode] output in
                // Who has signed in may watch everything. Where nobody signs in, a password is all that protects an output.
                mode == .open && output.credentials != nil ? nil : media.address(of: output, for: viewer.origin)
            })
    }

    /// Where a page watches one output, for who knows its password if it has one and nobody signs in.
    ///
    /// - Parameters:
    ///   - viewer: as of ``urls(transmissionID:query:for:requestHost:)``.
    ///   - address: of the client; wrong credentials are counted by it.
    /// - Throws: 401 for missing or wrong credentials; 404; 409 for an output that pages don't play; 429 after too many wrong
    ///   credentials.
    public func playback(
        transmissionID: String, outputID: String, for viewer: Identity, credentials: ReadCredentials?, address: String
    ) async throws(ControlPlaneError) -> PlaybackAddress {
        let transmission = try await transmission(id: transmissionID)
        guard transmission.enabled, transmission.hostServerID == ServerID.local,
            let output = transmission.servedOutputs.first(where: { $0.outputID == outputID })
        else { throw .outputNotFound }
        if accounts.mode == .open, let needed = output.credentials {
            try authorize(credentials, from: address, as: [needed], of: transmission, .streamNeedsPassword)
        }
        guard let address = media.address(of: output, for: viewer.origin) else {
            let name = output.protocol.rawValue.uppercased()
            throw .conflict(
                CodedMessage(
                    "not_for_browsers", "Browsers don't play \(name). Choose another output.",
                    ["protocol": .string(name)]))
        }
        return address
    }

    /// A token, which the viewer is not told, for a viewer of what the engine serves on a path, which players of go2rtc know a stream by.
    ///
    /// - Parameters: as of ``playback(transmissionID:outputID:for:credentials:address:)``.
    /// - Throws: 401 for missing or wrong credentials; 404; 429 after too many wrong credentials.
    public func playbackToken(
        path: String, for viewer: Identity, credentials: ReadCredentials?, address: String
    ) async throws(ControlPlaneError) -> String {
        guard let output = media.output(onPath: path) else { throw .outputNotFound }
        let transmission = try await transmission(id: output.transmissionID)
        if accounts.mode == .open, let needed = output.credentials {
            try authorize(credentials, from: address, as: [needed], of: transmission, .streamNeedsPassword)
        }
        return media.hiddenToken(for: output, holder: viewer.origin)
    }

    /// A member of a query that is true or false.
    static func bool(_ name: String, of query: JSONValue, default fallback: Bool) throws(ControlPlaneError) -> Bool {
        let issues = IssueList()
        let value = ObjectReader(query, at: ["query"], issues: issues).bool(name, default: fallback)
        do throws(ValidationError) { try issues.throwIfAny() } catch { throw .invalid(error) }
        return value
    }

    /// Like ``urls(transmissionID:query:for:requestHost:)``, but 409 for a transmission of another server.
    public func internalURLs(
        transmissionID: String, for viewer: Identity, requestHost: String?
    ) async throws(ControlPlaneError) -> TransmissionURLs {
        let transmission = try await transmission(id: transmissionID)
        guard transmission.hostServerID == ServerID.local else {
            throw .conflict(
                CodedMessage(
                    "foreign_host",
                    "Transmission is not hosted on this server. "
                        + "transmission_host_server_id='\(transmission.hostServerID)' server_id='\(ServerID.local)'",
                    ["host": .string(transmission.hostServerID)]))
        }
        return try await urls(transmissionID: transmissionID, for: viewer, requestHost: requestHost)
    }

    /// Who watches a transmission.
    public func demand(transmissionID: String) async throws(ControlPlaneError) -> DemandStatus {
        let transmission = try await transmission(id: transmissionID)
        guard transmission.hostServerID == ServerID.local else {
            return DemandStatus(
                transmissionID: transmission.id, demandSignal: false, viewerCountTotal: 0, outputs: [])
        }
        let viewers = await demandCoordinator.viewers
        let outputs = transmission.servedOutputs.map { output in
            DemandStatus.Output(
                outputID: output.outputID, outputKey: output.key,
                viewerCount: viewers.watching(output.enginePath)[output.protocol])
        }
        let paths = Set(transmission.servedOutputs.map(\.enginePath))
        let total = paths.reduce(0) { $0 + viewers.watching($1).total }
        let isLeased = await demandCoordinator.isLeased(paths)
        return DemandStatus(
            transmissionID: transmission.id, demandSignal: total > 0 || isLeased, viewerCountTotal: total,
            outputs: outputs)
    }

    /// Starts the encoders of a transmission for somebody who is about to watch; they run for 60 s at least.
    public func prime(transmissionID: String) async throws(ControlPlaneError) -> PrimeResult {
        let transmission = try await transmission(id: transmissionID)
        let primed = await primeDemand(of: transmission)
        return PrimeResult(transmissionID: transmission.id, primed: primed > 0, primedOutputs: primed)
    }

    /// Keeps the encoders of a transmission running for a player that plays, until it is over or not heard of any more.
    ///
    /// - Parameter body: `{playback_session_id, ttl_seconds}`
    /// - Throws: 422 for wrong fields, 404, 503 while too many players hold leases.
    public func heartbeat(transmissionID: String, _ body: JSONValue) async throws(ControlPlaneError) -> LeaseResult {
        let request: HeartbeatRequest
        do throws(ValidationError) { request = try HeartbeatRequest(json: body) } catch { throw .invalid(error) }
        let transmission = try await transmission(id: transmissionID)
        let outputs = outputsToRun(of: transmission)
        let lease = DemandLease(transmissionID: transmission.id, playbackSessionID: request.playbackSessionID)
        guard
            await demandCoordinator.lease(
                lease, of: Set(outputs.map(\.enginePath)), for: .seconds(request.seconds))
        else {
            throw .busy(
                CodedMessage(
                    "leases_full",
                    "\(DemandTracker.leaseLimit) players keep this transmission running already. Try again when some of "
                        + "them have ended.", ["limit": .integer(DemandTracker.leaseLimit)]))
        }
        return LeaseResult(
            transmissionID: transmission.id, playbackSessionID: request.playbackSessionID,
            leasedOutputs: Set(outputs.map(\.encoding)).count, seconds: request.seconds)
    }

    /// Ends what ``heartbeat(transmissionID:_:)`` began.
    ///
    /// - Returns: whether there was something to end.
    public func endHeartbeat(
        transmissionID: String, playbackSessionID: String
    ) async throws(ControlPlaneError) -> Bool {
        let transmission = try await transmission(id: transmissionID)
        return await demandCoordinator.endLease(
            DemandLease(transmissionID: transmission.id, playbackSessionID: playbackSessionID))
    }

    /// A viewer of ``media`` has left: its address is good no more, and the engine counts it no more.
    public func endPlayback(token: String) async throws(ControlPlaneError) {
        try await media.end(token)
        await demandCoordinator.viewersChanged()
    }

    /// What may be started here: nothing while the engine or the transmission is switched off.
    private func outputsToRun(of transmission: Transmission) -> [ResolvedOutput] {
        guard store.current.settings.engine.enabled, transmission.enabled,
            transmission.hostServerID == ServerID.local
        else { return [] }
        return transmission.servedOutputs
    }

    /// - Returns: how many encodings were primed.
    @discardableResult
    private func primeDemand(of transmission: Transmission) async -> Int {
        let outputs = outputsToRun(of: transmission)
        await demandCoordinator.prime(Set(outputs.map(\.enginePath)))
        return Set(outputs.map(\.encoding)).count
    }

    /// How each output goes.
    public func runtimeOutputs() async -> RuntimeOutputs {
        RuntimeOutputs(updatedAtUnix: Date().timeIntervalSince1970, outputs: await reporter().outputs)
    }

    /// How it goes with each destination.
    public func runtimeDestinations() async -> RuntimeDestinations {
        RuntimeDestinations(updatedAtUnix: Date().timeIntervalSince1970, destinations: await reporter().destinations)
    }

    func reporter() async -> RuntimeReporter {
        RuntimeReporter(
            stored: store.current, engine: await engineCondition(), ports: endpoint.ports,
            demand: await demandCoordinator.demand, viewers: await demandCoordinator.viewers,
            workers: await workers.states)
    }

    private func engineCondition() async -> OutputFacts.Engine {
        guard store.current.settings.engine.enabled else { return .switchedOff }
        let error = await engine.lastError
        return switch await engine.phase {
        case .running: .running
        case .starting: .starting
        case .stopping: .restarting
        case .downloading: .downloading
        case .waiting: .retrying(error)
        case .stopped: error.map { .failed($0) } ?? .starting
        }
    }

    /// Everything that helps to find out what is wrong; free-form, without secrets.
    public func diagnostics() async -> JSONValue {
        let status = await engineStatus(requestHost: nil)
        let states = await workers.states
        let reporter = await reporter()
        return await Diagnostics.json(
            status: status, workers: states, outputs: reporter.outputs, destinations: reporter.destinations,
            wanted: demandCoordinator.wantedNow,
            primed: demandCoordinator.primedPaths, leases: demandCoordinator.leaseCounts,
            invalid: store.current.invalid, events: store.events(limit: Diagnostics.eventCount))
    }
}

extension CodedMessage {
    fileprivate static let streamNeedsPassword = Self(
        "stream_needs_password", "The stream needs the name and password of its output.")
}
