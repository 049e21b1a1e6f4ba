import StreamModel

extension StreamingService {
    /// Increases with each change of anything that is stored.
    public nonisolated var revision: Int { store.current.revision }

    /// All settings with their secrets; an answer shows `publicJSON`.
    public func settings() async throws(ControlPlaneError) -> StreamingSettings { store.current.settings }

    /// Merges `patch` into the settings (contract A.2, `PATCH /settings`). Anything wrong in it changes nothing.
    ///
    /// Pipelines that publish into a transmission that the patch leaves out are treated as when it is deleted.
    public func patchSettings(
        _ patch: JSONValue, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<StreamingSettings> {
        let before = await engine.process
        let patched = try await store.update { stored in
            try precondition.check(stored.settings.publicJSON)
            stored.settings = try stored.settings.patched(with: patch)
            for transmission in stored.transmissions { try Self.checkHost(transmission.hostServerID) }
            return (stored.settings, stored.releaseMissingTransmissions())
        }
        let (settings, notice) = patched.value
        var warning = await apply() ?? notice
        if warning == nil, let before, let after = await engine.process, before.pid != after.pid {
            warning =
                before.program == after.program
                ? CodedMessage(
                    "engine_restarted",
                    "The engine was restarted, because what it listens on changed. Viewers reconnect.")
                : CodedMessage(
                    "engine_replaced", "Another engine was started, as the settings say. Viewers reconnect.")
        }
        if warning == nil, patch["engine"] != nil { warning = givenSettings.notice(of: settings) }
        return patched.with(settings, warning: warning)
    }

    /// - Parameter requestHost: the host name of the request without its port; it stands in the URLs when the engine is
    ///   open to the network.
    public func engineStatus(requestHost: String?) async -> EngineStatus {
        var status = await engine.status(store.current.settings.engine, requestHost: requestHost)
        status.warnings.insert(contentsOf: store.problems, at: 0)
        return status
    }

    /// Switches the engine on and waits until it answers.
    /// - Throws: ``ControlPlaneError/engineFailed(_:)``; it is then tried again by itself.
    public func startEngine(requestHost: String?) async throws(ControlPlaneError) -> EngineStatus {
        try await store.update { $0.settings.engine.enabled = true }
        await engine.retryNow()
        await apply()
        let status = await engineStatus(requestHost: requestHost)
        // Somebody may have stopped it meanwhile, or MediaMTX is downloaded first, which is no failure.
        if !status.running, status.state != .downloading, store.current.settings.engine.enabled {
            throw .engineFailed(.engineFails(status.lastError, "Failed to start streaming engine"))
        }
        return status
    }

    /// Switches the engine off and waits until it is gone.
    public func stopEngine(requestHost: String?) async throws(ControlPlaneError) -> EngineStatus {
        try await store.update { $0.settings.engine.enabled = false }
        await apply()
        await demandCoordinator.clear()
        return await engineStatus(requestHost: requestHost)
    }

    /// Ends the engine and, if it is switched on, starts it with ports chosen anew.
    /// - Throws: ``ControlPlaneError/engineFailed(_:)``
    public func restartEngine(requestHost: String?) async throws(ControlPlaneError) -> EngineStatus {
        await engine.restart()
        await workers.update()
        let status = await engineStatus(requestHost: requestHost)
        if !status.running, status.state != .downloading, store.current.settings.engine.enabled {
            throw .engineFailed(.engineFails(status.lastError, "Failed to restart streaming engine"))
        }
        return status
    }

    /// Ends the engine and every engine process that was left over in this data directory; starts it again if it is
    /// switched on.
    /// - Throws: ``ControlPlaneError/engineFailed(_:)``
    public func reclaimEngine(requestHost: String?) async throws(ControlPlaneError) -> EngineStatus {
        let outcome = await engine.reclaim()
        await workers.update()
        var status = await engineStatus(requestHost: requestHost)
        let count = outcome.ended.count
        var problem: CodedMessage?
        if !outcome.left.isEmpty {
            let pids = outcome.left.map(String.init).joined(separator: ", ")
            problem = CodedMessage(
                "processes_of_others", "the process(es) \(pids) belong to another user and could not be ended.",
                ["pids": .string(pids)])
        } else if !status.running, status.state != .downloading, store.current.settings.engine.enabled {
            problem = status.lastError ?? CodedMessage("engine_stops_again", "the engine stopped again.")
        }
        if let problem {
            throw .engineFailed(
                CodedMessage(
                    "engine_not_reclaimed",
                    "Failed to reclaim streaming engine: \(problem.text) (killed \(count) stale process(es))",
                    ["reason": problem.json, "number": .integer(count)]))
        }
        status.warnings.insert(
            CodedMessage("cleaned_up", "Cleaned up \(count) stale MediaMTX process(es).", ["count": .integer(count)]),
            at: 0)
        return status
    }

    /// - Throws: 409 when there are as many as there may be.
    ///
    /// - Parameter code: of the sentence that says so.
    static func checkRoom(for things: String, _ code: String, besides count: Int) throws(ControlPlaneError) {
        guard count >= StreamingSettings.transmissionLimit else { return }
        throw .conflict(
            CodedMessage(
                code, "There are \(count) \(things), which is the most that there may be. Delete some first.",
                ["number": .integer(count)]))
    }

    /// Only this server exists until processing servers do.
    static func checkHost(_ id: String) throws(ControlPlaneError) {
        if id != ServerID.local { throw .unknownHost(id) }
    }
}

extension CodedMessage {
    /// That the engine does not run although it was told to.
    fileprivate static func engineFails(_ reason: CodedMessage?, _ subject: String) -> Self {
        guard let reason else { return Self("engine_stops_again", "\(subject): it stopped again.") }
        return Self("engine_fails", "\(subject): \(reason.text)", ["reason": reason.json])
    }
}
