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
            let transmission = try Transmission.creating(from: body)
            try Self.checkHost(transmission.hostServerID)
            stored.transmissions.insert(transmission, at: 0)
            try stored.settings.checkUniqueness()
            return transmission
        }
        return Applied(created, warning: await apply())
    }

    /// Replaces a transmission: what the body leaves out gets its default, except passwords, which are kept.
    ///
    /// - Parameter body: the body of `PUT /transmissions/{id}`; its `id` may be missing.
    public func updateTransmission(
        id: String, _ body: JSONValue
    ) async throws(ControlPlaneError) -> Applied<Transmission> {
        let updated = try await store.update { stored in
            guard let index = stored.transmissions.firstIndex(where: { $0.id == id }) else {
                throw ControlPlaneError.transmissionNotFound
            }
            let old = stored.transmissions[index]
            var transmission = try Transmission(json: body.identified(as: id, mismatch: "Transmission id mismatch"))
                .keepingSecrets(of: old)
            transmission.createdAt = old.createdAt
            transmission.updatedAt = Date()
            try Self.checkHost(transmission.hostServerID)
            stored.transmissions[index] = transmission
            try stored.settings.checkUniqueness()
            return transmission
        }
        return Applied(updated, warning: await apply())
    }

    /// Removes a transmission.
    ///
    /// Pipelines lose the branch that publishes into it. A pipeline that published only into it is kept, because it may
    /// be hours of somebody's work, but switched off; the warning names it.
    public func deleteTransmission(id: String) async throws(ControlPlaneError) -> Applied<Void> {
        let notice = try await store.update { stored in
            guard let index = stored.transmissions.firstIndex(where: { $0.id == id }) else {
                throw ControlPlaneError.transmissionNotFound
            }
            stored.transmissions.remove(at: index)
            return stored.releaseMissingTransmissions()
        }
        return Applied((), warning: await apply() ?? notice)
    }
}

extension JSONValue {
    /// An update's body with the id of the path of the request.
    /// - Throws: 400 with the text `mismatch` when the body names another id.
    func identified(as id: String, mismatch: String) throws(ControlPlaneError) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let other = members["id"], other != .null, other.stringValue != id { throw .badRequest(mismatch) }
        members["id"] = .string(id)
        return .object(members)
    }
}

extension StoredConfiguration {
    /// Frees pipelines of transmissions that are gone.
    /// - Returns: a sentence that names those that were switched off.
    mutating func releaseMissingTransmissions() -> String? {
        let known = Set(transmissions.map(\.id))
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
        return "Switched off, because what it published into is gone: \(names)."
    }
}

extension PipelineGraph {
    /// The graph without the sinks of some transmissions and without the nodes that then lead nowhere; nil when no sink is
    /// left.
    func removingPublishers(into transmissionIDs: Set<String>) -> PipelineGraph? {
        let sinks = nodes.filter { $0.operator == PublishVideoConfig.operatorName }
        let doomed = sinks.filter { transmissionIDs.contains(PublishVideoConfig(of: $0).transmissionID) }
        guard doomed.count < sinks.count else { return nil }
        var removed = Set(doomed.map(\.id))
        while true {
            let deadEnds = nodes.filter { node in
                let next = edges.filter { $0.from.node == node.id }
                return !removed.contains(node.id) && !next.isEmpty && next.allSatisfy { removed.contains($0.to.node) }
            }
            if deadEnds.isEmpty { break }
            removed.formUnion(deadEnds.map(\.id))
        }
        return PipelineGraph(
            nodes: nodes.filter { !removed.contains($0.id) },
            edges: edges.filter { !removed.contains($0.from.node) && !removed.contains($0.to.node) })
    }
}
