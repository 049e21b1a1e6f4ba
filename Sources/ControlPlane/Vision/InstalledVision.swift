import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Something of detection that is installed, as the note beside it says.
struct InstalledVision: Hashable, Sendable, Codable {
    var id: String
    /// The file's name in its folder.
    var file: String
    var bytes: Int
    /// Of the file, taken when it was written.
    var sha256: String
    /// Of what was downloaded; nil of what somebody uploaded.
    var downloadSHA256: String?
    var installedAtUnix: Double
    /// Where the file is now; not part of the note, because a folder may be moved.
    var path = ""

    enum CodingKeys: String, CodingKey {
        case id, file, bytes, sha256
        case downloadSHA256 = "download_sha256"
        case installedAtUnix = "installed_at_unix"
    }

    static let modelFile = "model.onnx"
    static let noteName = "installed.json"
    private static let noteLimit = 16 << 10

    var isUpload: Bool { downloadSHA256 == nil }

    /// Reads the note in a folder; nil when there is none that can be read, or not the file beside it.
    static func read(_ folder: String, file: String) -> InstalledVision? {
        let path = "\(folder)/\(file)"
        guard FileManager.default.isReadableFile(atPath: path),
            let bytes = try? PrivateFile.read("\(folder)/\(noteName)", limit: noteLimit),
            var installed = try? JSONDecoder().decode(Self.self, from: Data(bytes)), installed.file == file
        else { return nil }
        installed.path = path
        return installed
    }

    /// Compares the file with what was installed. Blocks for as long as reading it takes.
    func verify() throws(InstallError) { try FileDigest.verify(path, sha256: sha256) }
}
