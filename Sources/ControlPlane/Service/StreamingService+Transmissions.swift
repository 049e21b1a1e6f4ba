import Foundation
import StreamModel

extension StreamingService {
    /// In their stored order, the newest first.
    public func transmissions() async throws(ControlPlaneError) -> [Transmission] { store.current.transmissions }

    public func transmission(id: String) async throws(ControlPlaneError) -> Transmission {
        guard let transmission = store.current.transmission(id) else { throw .transmissionNotFound }
        return transmission
    }

    /// Puts a new transmission before the others.
    ///
    /// - Parameter body: the body of `POST /transmissions`.
    /// - Throws: 422 for wrong fields, 409 for a path that is in use, 400 for an unknown host.
    public func createTransmission(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<Transmission> {
        let created = try await store.update { stored in
            let transmission = try Transmission.creating(from: body).keepingSecrets(of: nil)
            try Self.checkHost(transmission.hostServerID)
            try Self.checkRoom(for: "transmissions", "transmissions_full", besides: stored.transmissions.count)
            stored.transmissions.insert(transmission, at: 0)
            try stored.settings.checkUniqueness()
            return transmission
        }
        return created.with(created.value, warning: await apply(created.value))
    }

    /// Replaces a transmission: what the body leaves out gets its default, except passwords, which are kept.
    ///
    /// - Parameter body: the body of `PUT /transmissions/{id}`; its `id` may be missing.
    public func updateTransmission(
        id: String, _ body: JSONValue, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Transmission> {
        let updated = try await store.update { stored in
            guard let index = stored.transmissions.firstIndex(where: { $0.id == id }) else {
                throw ControlPlaneError.transmissionNotFound
            }
            let old = stored.transmissions[index]
            try precondition.check(old.publicJSON)
            var transmission = try Transmission(json: body.identified(as: id, mismatch: "Transmission id mismatch"))
                .keepingSecrets(of: old)
            transmission.createdAt = old.createdAt
            transmission.updatedAt = Date()
            try Self.checkHost(transmission.hostServerID)
            stored.transmissions[index] = transmission
            try stored.settings.checkUniqueness()
            return transmission
        }
        return updated.with(updated.value, warning: await apply(updated.value))
    }

    /// Puts transmissions into another order, in which they are listed and shown. Those that are not named come after them, in
    /// the order that they had.
    ///
    /// - Parameter body: `{transmission_ids}`
    public func orderTransmissions(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<[Transmission]> {
        let ids: [String]
        do throws(ValidationError) {
            let issues = IssueList()
            let reader = ObjectReader(body, at: ["body"], issues: issues)
            let list = reader.value("transmission_ids")?.arrayValue
            ids = list?.compactMap(\.stringValue) ?? []
            if list == nil || ids.count != list?.count || Set(ids).count != ids.count {
                reader.report(
                    CodedMessage("order_wrong", "This has to be a list of ids, each once."), at: "transmission_ids")
            }
            reader.forbidUnknownMembers()
            try issues.throwIfAny()
        } catch {
            throw .invalid(error)
        }
        return try await store.update { stored in
            let known = Dictionary(stored.transmissions.map { ($0.id, $0) }) { first, _ in first }
            let first = ids.compactMap { known[$0] }
            guard first.count == ids.count else { throw ControlPlaneError.transmissionNotFound }
            let named = Set(ids)
            stored.transmissions = first + stored.transmissions.filter { !named.contains($0.id) }
            return stored.transmissions
        }
    }

    /// Removes a transmission.
    ///
    /// Pipelines lose the branch that publishes into it. A pipeline that published only into it is kept, because it may
    /// be hours of somebody's work, but switched off; the warning names it.
    public func deleteTransmission(
        id: String, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Void> {
        let deleted = try await store.update { stored in
            guard let index = stored.transmissions.firstIndex(where: { $0.id == id }) else {
                guard stored.removeInvalid(.transmission, id: id) else { throw ControlPlaneError.transmissionNotFound }
                return stored.releaseMissingTransmissions()
            }
            try precondition.check(stored.transmissions[index].publicJSON)
            stored.transmissions.remove(at: index)
            return stored.releaseMissingTransmissions()
        }
        return deleted.with((), warning: await apply() ?? deleted.value)
    }
}

extension JSONValue {
    /// An update's body with the id of the path of the request.
    /// - Throws: 400 with the text `mismatch` when the body names another id.
    func identified(as id: String, mismatch: String) throws(ControlPlaneError) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let other = members["id"], other != .null, other.stringValue != id {
            throw .badRequest(CodedMessage("id_mismatch", mismatch))
        }
        members["id"] = .string(id)
        return .object(members)
    }
}

extension StoredConfiguration {
    /// Frees pipelines of transmissions that are gone.
    /// - Returns: a sentence that names those that were switched off.
    mutating func releaseMissingTransmissions() -> CodedMessage? {
        let known = Set(transmissions.map(\.id) + invalid.filter { $0.kind == .transmission }.map(\.id))
        var switchedOff: [String] = []
        for index in pipelines.indices {
            let missing = pipelines[index].graph.transmissionIDs.subtracting(known)
            guard !missing.isEmpty, pipelines[index].enabled else { continue }
            if let rest = pipelines[index].graph.removingPublishers(into: missing) {
                pipelines[index].graph = rest
            } else {
                pipelines[index].enabled = false
                switchedOff.append(pipelines[index].name)
            }
            pipelines[index].updatedAt = Date()
        }
        guard !switchedOff.isEmpty else { return nil }
        let names = switchedOff.map { "'\($0)'" }.joined(separator: ", ")
        return CodedMessage(
            "pipelines_switched_off", "Switched off, because what it published into is gone: \(names).",
            ["names": .string(names)])
    }
}

extension PipelineGraph {
    /// The graph without the sinks of some transmissions and without the nodes that then lead nowhere; nil when no sink is
    /// left.
    func removingPublishers(into transmissionIDs: Set<String>) -> PipelineGraph? {
        let sinks = nodes.filter { $0.operator == PublishVideoConfig.operatorName }
        let doomed = sinks.filter { transmissionIDs.contains(PublishVideoConfig(of: $0).transmissionID) }
        guard doomed.count < sinks.count else { return nil }
        // Back from the sinks: a node all of whose edges lead to removed ones is removed, and so on.
        var edgesOut = edges.reduce(into: [String: Int]()) { $0[$1.from.node, default: 0] += 1 }
        let edgesInto = Dictionary(grouping: edges, by: \.to.node)
        var removed = Set(doomed.map(\.id))
        var ends = Array(removed)
        while let end = ends.popLast() {
            for edge in edgesInto[end] ?? [] {
                edgesOut[edge.from.node, default: 1] -= 1
                if edgesOut[edge.from.node] == 0, removed.insert(edge.from.node).inserted {
                    ends.append(edge.from.node)
                }
            }
        }
        return PipelineGraph(
            nodes: nodes.filter { !removed.contains($0.id) },
            edges: edges.filter { !removed.contains($0.from.node) && !removed.contains($0.to.node) })
    }
}
