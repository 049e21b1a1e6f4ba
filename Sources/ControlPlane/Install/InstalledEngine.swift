import EngineContract
import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A MediaMTX that we installed, as the note beside it says.
struct InstalledEngine: Hashable, Sendable, Codable {
    var version: String
    var platform: String
    var asset: String
    /// That of the archive, as published with the release.
    var archiveSHA256: String
    /// That of the program, taken while it was unpacked from the verified archive.
    var executableSHA256: String
    var installedAtUnix: Double
    /// Where the program is now; not part of the note, because a folder may be moved.
    var executable = ""

    enum CodingKeys: String, CodingKey {
        case version, platform, asset
        case archiveSHA256 = "archive_sha256"
        case executableSHA256 = "executable_sha256"
        case installedAtUnix = "installed_at_unix"
    }

    static let noteName = "installed.json"
    private static let noteLimit = 16 << 10

    /// Reads the note in a folder; nil when there is none that can be read, or no program beside it.
    static func read(_ folder: String, executableName: String) -> InstalledEngine? {
        let executable = "\(folder)/\(executableName)"
        guard FileManager.default.isExecutableFile(atPath: executable),
            let bytes = try? PrivateFile.read("\(folder)/\(noteName)", limit: noteLimit),
            var engine = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { return nil }
        engine.executable = executable
        return engine
    }

    /// Compares the program on disk with what was installed. Blocks for as long as reading it takes.
    /// - Throws: ``InstallError/altered(path:)``, or ``InstallError/disk(path:reason:)`` when it can't be read.
    func verify() throws(InstallError) { try FileDigest.verify(executable, sha256: executableSHA256) }
}
