import StreamModel

/// How the installation of MediaMTX goes (`GET /api/streams/engine/download`).
@dynamicMemberLookup
public struct EngineDownload: Hashable, Sendable {
    public typealias State = InstallProgress.State

    public var progress: InstallProgress
    /// The release, such as `v1.16.2`.
    public var version: String
    /// Such as `linux-x64`; nil where no MediaMTX exists for.
    public var platform: String?
    /// The archive's name.
    public var asset: String?
    /// The published checksum that the archive is verified against.
    public var archiveSHA256: String?
    /// Where the installed program is.
    public var binaryPath: String?

    init(_ state: State = .idle, version: String, platform: MachinePlatform?, startedAtUnix: Double? = nil) {
        progress = InstallProgress(state, startedAtUnix: startedAtUnix)
        self.version = version
        self.platform = platform?.rawValue
        asset = platform?.archiveName(version: version)
    }

    public subscript<Value>(dynamicMember member: WritableKeyPath<InstallProgress, Value>) -> Value {
        get { progress[keyPath: member] }
        set { progress[keyPath: member] = newValue }
    }

    public subscript<Value>(dynamicMember member: KeyPath<InstallProgress, Value>) -> Value {
        progress[keyPath: member]
    }

    public var json: JSONValue {
        let members: [String: JSONValue] = [
            "version": .string(version), "platform": JSONValue(platform), "asset": JSONValue(asset),
            "archive_sha256": JSONValue(archiveSHA256), "binary_path": JSONValue(binaryPath),
        ]
        return .object(members.merging(progress.members) { $1 })
    }

    /// What the engine's status shows of it.
    public var shortJSON: JSONValue {
        [
            "state": .string(progress.state.rawValue), "version": .string(version), "bytes": .integer(progress.bytes),
            "total_bytes": JSONValue(progress.totalBytes), "bytes_per_second": JSONValue(progress.bytesPerSecond),
        ]
    }
}
