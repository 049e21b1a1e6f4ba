import ConnectionLimits
import StreamModel

extension StreamingService {
    /// Between two looks at what changed: what comes meanwhile is told together.
    private static let lookInterval: Duration = .milliseconds(250)

    /// Lets somebody follow the state. What it is now is known when this returns.
    ///
    /// - Parameters:
    ///   - address: of the client, which gets some of the places and not all.
    ///   - query: `{follow}`, as a text: false for the state of now alone.
    /// - Throws: 503 when too many follow already; 422 for a wrong query.
    public func followState(
        as role: Role, from address: String, query: JSONValue = [:]
    ) async throws(ControlPlaneError) -> StateFollower {
        let follows = try Self.bool("follow", of: query, default: true)
        guard let follower = feed.enter(role, from: IPAddress(address).map { ClientNetwork($0) }) else {
            throw .busy(
                CodedMessage(
                    "followers_full",
                    "\(StateFeed.followerLimit) pages and programs follow the events already, or "
                        + "\(StateFeed.followerLimitPerClient) of this address. Ask for the state now and then instead.",
                    [
                        "limit": .integer(StateFeed.followerLimit),
                        "client_limit": .integer(StateFeed.followerLimitPerClient),
                    ]))
        }
        notes.note(.all)
        await tellFollowers()
        if !follows { follower.end() }
        return follower
    }

    /// Tells followers what changes, until the task is cancelled.
    func watchChanges() async {
        for await _ in notes.arrivals {
            guard feed.hasFollowers else { continue }
            await tellFollowers()
            guard (try? await Task.sleep(for: Self.lookInterval)) != nil else { return }
        }
    }

    private func tellFollowers() async {
        stateLook.wake()
        await stateLook.settle()
    }

    /// Looks at what was noted; one look at a time, or an older one could replace what a newer one saw.
    func lookAtState() async {
        let noted = notes.take()
        var parts: [StatePart: JSONValue] = [:]
        parts[.revision] = .integer(revision)
        if !noted.isDisjoint(with: [.configuration, .engine]) {
            parts[.engine] = await engineStatus(requestHost: nil).eventJSON
        }
        if !noted.isDisjoint(with: [.configuration, .download]) { parts[.download] = await engineDownload().json }
        if !noted.isDisjoint(with: [.configuration, .workers]) {
            let states = await workers.states
            parts[.workers] = .array(states.map { Diagnostics.summary($0.plan, $0.state) })
            parts[.findings] = .array(
                states.flatMap { $0.state.findingReports }.compactMap { try? JSONValue(encoding: $0) })
        }
        if noted.contains(.events) { parts[.events] = await eventsPart() }
        if !noted.isDisjoint(with: [.configuration, .engine, .workers, .demand]) {
            let reporter = await reporter()
            parts[.destinations] = .array(reporter.destinations.map(\.json))
            let outputs = reporter.outputs
            parts[.outputKeys] = .array(outputs.map { .string($0.outputKey) })
            for output in outputs { parts[.output(output.outputKey)] = output.json }
        }
        feed.publish(parts)
    }
}

extension EngineStatus {
    /// What followers are told: without what changes by itself as time passes, and without what depends on who asks.
    fileprivate var eventJSON: JSONValue {
        var members = json.objectValue ?? [:]
        for name in ["uptime_seconds", "urls", "log_tail", "download"] { members[name] = nil }
        return .object(members)
    }
}
