import Foundation
import StreamModel

/// Which program is the engine, and how it is called.
struct EngineProgram: Hashable, Sendable {
    /// `builtin` or `mediamtx`.
    var kind: EngineKind
    var executable: String
    var arguments: [String]
    /// The installation that it is of; nil for our own program and for one that somebody else supplied.
    var installed: InstalledEngine?

    /// - Parameters:
    ///   - ownExecutable: our program, which is the built-in engine too.
    ///   - enginePath: `TOPOSYNC_STREAMING_ENGINE_PATH`: a MediaMTX binary or a folder with one. It goes before `installed`.
    ///   - installed: the installation of the release that the settings name.
    ///   - problem: why there is one that can't be used.
    ///   - canBeInstalled: whether a download exists for this machine.
    /// - Throws: ``EngineProgramError`` when MediaMTX is wanted and there is none.
    static func choose(
        _ kind: EngineKind, ownExecutable: String, enginePath: String?, installed: InstalledEngine? = nil,
        configuration: String, problem: InstallError? = nil, canBeInstalled: Bool = false
    ) throws(EngineProgramError) -> EngineProgram {
        let mediamtx: EngineProgram? =
            if let enginePath {
                binary(at: enginePath).map {
                    EngineProgram(kind: .mediamtx, executable: $0, arguments: [configuration])
                }
            } else {
                installed.map {
                    EngineProgram(
                        kind: .mediamtx, executable: $0.executable, arguments: [configuration], installed: $0)
                }
            }
        switch kind {
        case .builtin: break
        case .auto:
            if let mediamtx { return mediamtx }
        case .mediamtx:
            if let mediamtx { return mediamtx }
            if let enginePath { throw .nothing(at: enginePath) }
            if let problem { throw .unusable(problem) }
            throw canBeInstalled ? .notInstalled : .notAvailable
        }
        return EngineProgram(
            kind: .builtin, executable: ownExecutable, arguments: ["engine", "--exit-with-parent", configuration])
    }

    /// The program at a path, or the one called `mediamtx` in a folder; nil when there is none that can be run.
    static func binary(at path: String) -> String? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        let file = isFolder.boolValue ? path + "/mediamtx" : path
        return FileManager.default.isExecutableFile(atPath: file) ? file : nil
    }
}

/// MediaMTX was chosen and can't be started.
enum EngineProgramError: Error, Hashable, CustomStringConvertible {
    /// `TOPOSYNC_STREAMING_ENGINE_PATH` names nothing that can be run.
    case nothing(at: String)
    /// It is not there yet, and can be downloaded.
    case notInstalled
    /// It is not there, and there is none for this machine.
    case notAvailable
    case unusable(InstallError)
    case downloadFailed(CodedMessage)

    var description: String { message.text }

    var message: CodedMessage {
        switch self {
        case .nothing(let path):
            CodedMessage(
                "mediamtx_not_at_path",
                "There is no MediaMTX program at '\(path)'. Correct TOPOSYNC_STREAMING_ENGINE_PATH, or set the engine kind "
                    + "to 'auto' or 'builtin'.", ["path": .string(path)])
        // The text of contract A.2.
        case .notInstalled:
            CodedMessage(
                "mediamtx_not_installed",
                "MediaMTX binary is not installed yet. Starting the engine will download it (internet required), or set "
                    + "TOPOSYNC_STREAMING_ENGINE_PATH to a local path.")
        case .notAvailable:
            CodedMessage(
                "mediamtx_not_available",
                "MediaMTX binary is not installed. Set TOPOSYNC_STREAMING_ENGINE_PATH to a local path, or set the engine "
                    + "kind to 'auto' or 'builtin'.")
        case .unusable(let error): error.message
        case .downloadFailed(let reason):
            CodedMessage(
                "mediamtx_not_downloaded",
                "MediaMTX could not be downloaded. \(reason.text) Start the engine to try again, or set the engine kind to "
                    + "'builtin'.", ["reason": reason.json])
        }
    }
}
