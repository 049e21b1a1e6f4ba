import Foundation
import Logging
import MQTTKit
import StreamModel

/// Publishes by MQTT what pipelines see, and what there is for Home Assistant, as the settings say.
actor MQTTPublisher {
    /// To whom what is published.
    private struct Target: Hashable {
        var broker: MQTTBroker
        var isSupervisors: Bool
        var discovery: MQTTDiscovery
        var isAnnouncing: Bool
    }

    private static let retryInterval: Duration = .seconds(30)
    /// Home Assistant that starts is not told everything again before.
    private static let birthInterval: Duration = .seconds(5)

    private let configuration: @Sendable () -> StoredConfiguration
    private let supervisor: SupervisorClient?
    private let serverID: String
    private let logger: Logger
    private let changes: AsyncStream<Void>
    private let changeSink: AsyncStream<Void>.Continuation

    private var server: MQTTServer?
    /// Of the add-on that we are.
    private var slug: String?
    private var sightings: SightingRecorder?
    private var target: Target?
    private var client: MQTTClient?
    private var following: Task<Void, Never>?
    private var retry: Task<Void, Never>?
    private var board: MQTTBoard?
    /// The newest event with a picture, by camera.
    private var newestStills: [String: Int] = [:]
    private var connectedSince: Double?
    /// When everything was published last.
    private var toldAt: ContinuousClock.Instant?
    private var testing: (settings: MQTTSettings, outcome: Task<CodedMessage?, Never>)?
    private var problem: CodedMessage?

    /// - Parameters:
    ///   - serverID: the same after each start.
    ///   - changes: an element whenever the configuration may be another one.
    init(
        configuration: @escaping @Sendable () -> StoredConfiguration, supervisor: SupervisorClient?, serverID: String,
        changes: (AsyncStream<Void>, AsyncStream<Void>.Continuation), logger: Logger
    ) {
        self.configuration = configuration
        self.supervisor = supervisor
        self.serverID = serverID
        self.logger = logger
        (self.changes, changeSink) = changes
    }

    /// Publishes nothing before this.
    func begin(_ server: MQTTServer) {
        self.server = server
        noteChange()
    }

    /// What is published may be something else. Returns at once.
    nonisolated func noteChange() { changeSink.yield() }

    /// Works until the task is cancelled.
    func run(_ sightings: SightingRecorder) async {
        self.sightings = sightings
        for await _ in changes { await apply() }
    }

    /// Says goodbye to the broker. Home Assistant keeps its entities, which are not available then.
    func stop() async {
        changeSink.finish()
        retry?.cancel()
        await close(withdrawing: false)
    }

    // MARK: The settings

    private func apply() async {
        guard var server, let sightings else { return }
        let stored = configuration()
        let settings = stored.settings.mqtt
        retry?.cancel()
        guard settings.enabled else {
            await close(withdrawing: true)
            problem = nil
            return
        }
        let topics = topics(settings)
        let found: (broker: MQTTBroker, isSupervisors: Bool)
        do throws(SupervisorError) {
            found = try await broker(settings, clientID: topics.node, will: MQTTBoard.will(topics))
        } catch {
            // A connection that stands needs no word of Supervisor, which may just start anew.
            if let target, target.isSupervisors, settings.host.isEmpty, connectedSince != nil { return tryAgain() }
            await close(withdrawing: false)
            note(error.message)
            tryAgain()
            return
        }
        if slug == nil { slug = try? await supervisor?.ownSlug() }
        if let slug { server.pageURL = "homeassistant://hassio/ingress/\(slug)" }
        let stillsBefore = newestStills
        guard let seen = try? await sightings.summary() else { return tryAgain() }
        // A picture that came meanwhile is not in it.
        let meanwhile = newestStills.filter { stillsBefore[$0.key] != $0.value }
        newestStills = seen.newestStills.merging(meanwhile) { max($0, $1) }
        let cameras = stored.mqttCameras(seen: seen.labels)
        let wanted = Target(
            broker: found.broker, isSupervisors: found.isSupervisors,
            discovery: MQTTDiscovery(topics: topics, server: server),
            isAnnouncing: settings.discovery)
        if wanted == target {
            client?.publish(board?.set(cameras) ?? [])
        } else {
            // Nobody comes back there.
            let isElsewhere = target?.discovery.topics != topics || target?.broker.host != found.broker.host
            await close(withdrawing: isElsewhere)
            var board = MQTTBoard(discovery: wanted.discovery, isAnnouncing: wanted.isAnnouncing)
            _ = board.set(cameras)
            open(wanted, board)
        }
        await replaceStills(of: stillsBefore)
    }

    /// Takes pictures from the broker that are not in the log of events any more.
    private func replaceStills(of before: [String: Int]) async {
        for (cameraID, id) in before.sorted(by: { $0.value < $1.value }) {
            guard let client, let board, board.has(cameraID) else { continue }
            guard let newest = newestStills[cameraID] else {
                client.publish([MQTTMessage(board.topics.image(cameraID), Data(), isRetained: true)])
                continue
            }
            if newest < id { await publishStill(of: newest, cameraID: cameraID, to: client) }
        }
    }

    private func open(_ wanted: Target, _ board: MQTTBoard) {
        do throws(MQTTProblem) {
            let topics = wanted.discovery.topics
            let client = try MQTTClient(wanted.broker, subscriptions: [MQTTTopics.birth, topics.allDiscovery])
            self.client = client
            self.board = board
            problem = nil
            target = wanted
            following = Task {
                for await event in client.events { await self.handle(event, of: client) }
            }
        } catch {
            note(error.message)
            tryAgain()
        }
    }

    private func close(withdrawing: Bool) async {
        connectedSince = nil
        guard let client, let target, var board else { return }
        (self.client, self.target, self.board) = (nil, nil, nil)
        // Nobody hears the end of what goes on from now.
        let ends = board.take(open: [])
        let withdrawal = withdrawing ? board.withdrawal : []
        await client.stop(farewell: ends + withdrawal + [MQTTBoard.will(target.discovery.topics)])
        following?.cancel()
    }

    private func tryAgain() {
        retry = Task {
            guard (try? await Task.sleep(for: Self.retryInterval)) != nil else { return }
            self.noteChange()
        }
    }

    private func topics(_ settings: MQTTSettings) -> MQTTTopics {
        MQTTTopics(prefix: settings.topicPrefix, discoveryPrefix: settings.discoveryPrefix, serverID: serverID)
    }

    /// The broker of the settings, or else the one that Supervisor knows of.
    private func broker(
        _ settings: MQTTSettings, clientID: String, will: MQTTMessage?
    ) async throws(SupervisorError) -> (broker: MQTTBroker, isSupervisors: Bool) {
        guard settings.host.isEmpty else {
            let broker = MQTTBroker(
                host: settings.host, port: settings.port, usesTLS: settings.tls,
                certificates: settings.caFile.isEmpty ? nil : settings.caFile,
                user: settings.user.isEmpty ? nil : settings.user, password: settings.password, clientID: clientID,
                will: will)
            return (broker, false)
        }
        guard let supervisor else {
            throw SupervisorError(
                message: CodedMessage("mqtt_no_host", "It is not known where the MQTT broker is. Write its address."))
        }
        var broker = try await supervisor.mqttBroker()
        broker.clientID = clientID
        broker.will = will
        return (broker, true)
    }

    private func note(_ problem: CodedMessage) {
        if problem != self.problem { logger.warning("Events are not published by MQTT. \(problem.text)") }
        self.problem = problem
        connectedSince = nil
    }

    // MARK: The broker

    private func handle(_ event: MQTTClient.Event, of client: MQTTClient) async {
        guard client === self.client, let target else { return }
        switch event {
        case .connected:
            logger.info("Events are published by MQTT to \(target.broker.name).")
            problem = nil
            connectedSince = Date().timeIntervalSince1970
            await publishEverything(to: client)
            await publishStills(to: client)
        case .received(let message) where message.topic == MQTTTopics.birth:
            guard message.payload == Data("online".utf8) else { return }
            // Not for everybody who says so again and again.
            if let toldAt, toldAt.duration(to: .now) < Self.birthInterval { return }
            // The broker has the pictures, and each that comes is a new one to Home Assistant.
            await publishEverything(to: client)
        case .received(let message):
            guard !message.payload.isEmpty, board?.isLeftOver(message.topic) == true else { return }
            client.publish([MQTTMessage(message.topic, Data(), isRetained: true)])
        case .failed(let failure):
            note(failure.message)
            // It may have another password now.
            if target.isSupervisors { noteChange() }
        }
    }

    private func publishEverything(to client: MQTTClient) async {
        let open = await sightings?.open ?? []
        guard client === self.client else { return }
        let changes = board?.take(open: open) ?? []
        client.publish((board?.everything ?? []) + changes.filter { !$0.isRetained })
        toldAt = .now
    }

    private func publishStills(to client: MQTTClient) async {
        for (cameraID, id) in newestStills.sorted(by: { $0.value < $1.value }) where board?.has(cameraID) == true {
            await publishStill(of: id, cameraID: cameraID, to: client)
        }
    }

    private func publishStill(of id: Int, cameraID: String, to client: MQTTClient) async {
        guard newestStills[cameraID] == id, let jpeg = try? await sightings?.still(of: id)?.jpeg,
            client === self.client, newestStills[cameraID] == id, let board, board.has(cameraID)
        else { return }
        client.publish([MQTTMessage(board.topics.image(cameraID), jpeg, isRetained: true)])
    }

    // MARK: What happens

    /// Publishes what became of an event.
    func tell(_ change: SightingTracker.Change, hasNewStill: Bool) async {
        guard let client else { return }
        client.publish(board?.take(change) ?? [])
        guard hasNewStill else { return }
        let (id, cameraID) = (change.sighting.id, change.sighting.place.cameraID)
        newestStills[cameraID] = max(id, newestStills[cameraID] ?? 0)
        // Others are told meanwhile: the picture comes from the database.
        Task { await self.publishStill(of: id, cameraID: cameraID, to: client) }
    }

    // MARK: How it goes

    /// How it goes with the broker: the answer of `GET /api/mqtt`.
    var status: JSONValue {
        let state: MQTTState =
            if !configuration().settings.mqtt.enabled { .off } else if connectedSince != nil {
                .connected
            } else if problem != nil { .failed } else { .connecting }
        let counters = client?.counters ?? MQTTClient.Counters()
        return [
            "state": .string(state.rawValue), "broker": JSONValue(target?.broker.name),
            "from_supervisor": .bool(target?.isSupervisors == true),
            "since_unix": JSONValue(connectedSince), "problem": problem?.json ?? .null,
            "published": .integer(counters.published), "waiting": .integer(counters.waiting),
            "lost": .integer(counters.lost),
        ]
    }

    /// Connects once, as the settings say. Whoever asks meanwhile gets the same answer, or waits if the settings are others.
    /// - Returns: what is wrong.
    func test() async -> CodedMessage? {
        let settings = configuration().settings.mqtt
        while let testing {
            let outcome = await testing.outcome.value
            if testing.settings == settings { return outcome }
        }
        let outcome = Task<CodedMessage?, Never> {
            defer { self.testing = nil }
            return await self.connectOnce(settings)
        }
        testing = (settings, outcome)
        return await outcome.value
    }

    private func connectOnce(_ settings: MQTTSettings) async -> CodedMessage? {
        do throws(SupervisorError) {
            // Two clients of one id shut each other out.
            let found = try await broker(settings, clientID: topics(settings).node + "_test", will: nil)
            return await MQTTClient.problem(with: found.broker)?.message
        } catch {
            return error.message
        }
    }
}

/// How it goes with the broker.
public enum MQTTState: String, CaseIterable, Sendable {
    case off, connecting, connected
    /// It is tried again.
    case failed
}
