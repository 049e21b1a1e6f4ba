import Foundation
import Logging
import StreamModel

extension StreamingService {
    /// Everything that was set up, as a document that ``restore(_:)`` takes.
    ///
    /// - Parameter query: `{secrets}`, as a text: whether passwords are in it.
    public func backup(query: JSONValue, productVersion: String) async throws(ControlPlaneError) -> JSONValue {
        let secrets = try Self.bool("secrets", of: query, default: false)
        logger.notice(
            "A backup was made.", metadata: ["passwords": "\(secrets ? "included" : "left out")"])
        return ConfigurationBackup.document(
            of: store.current, secrets: secrets, productVersion: productVersion, createdAt: Date())
    }

    /// Puts a backup in the place of everything that is set up; accounts stay. All of it is checked before anything changes.
    ///
    /// - Parameter body: `{backup, dry_run, revision}`: with `dry_run`, it is only said what would change; with `revision`,
    ///   nothing changes unless what is stored has it.
    public func restore(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<RestoreReport> {
        let request: RestoreRequest
        do throws(ValidationError) { request = try RestoreRequest(body) } catch { throw .invalid(error) }
        let restored = try await store.update { [mediaRoots] stored in
            if let revision = request.revision, revision != stored.revision {
                throw ControlPlaneError.preconditionFailed(
                    CodedMessage(
                        "restore_changed_meanwhile",
                        "Something was changed meanwhile. Look again at what would be restored."))
            }
            let old = stored
            let (new, notes) = try request.backup.applied(to: stored, mediaRoots: mediaRoots)
            if !request.isDryRun { stored = new }
            return RestoreReport(of: request.backup, from: old, to: new, notes: notes, isApplied: !request.isDryRun)
        }
        guard !request.isDryRun else { return restored }
        logger.notice("A backup was restored.")
        await store.record(kind: "backup", "A backup was restored.")
        return restored.with(restored.value, warning: await apply())
    }
}

/// The body of a restore.
private struct RestoreRequest {
    var backup: ConfigurationBackup
    var isDryRun: Bool
    var revision: Int?

    init(_ body: JSONValue) throws(ValidationError) {
        let issues = IssueList()
        let reader = ObjectReader(body, at: ["body"], issues: issues)
        let document = reader.value("backup")
        isDryRun = reader.bool("dry_run", default: false)
        revision = reader.optionalInteger("revision", in: 0...Int.max)
        reader.forbidUnknownMembers()
        try issues.throwIfAny()
        guard let document, document != .null else {
            throw ValidationError(.missingField, at: ["body", "backup"], type: "missing")
        }
        backup = try ConfigurationBackup(document, at: ["body", "backup"])
    }
}
