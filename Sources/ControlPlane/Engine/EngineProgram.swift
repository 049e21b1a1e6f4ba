import Foundation
import StreamModel

/// Which program is the engine, and how it is called.
struct EngineProgram: Hashable, Sendable {
    /// `builtin` or `mediamtx`.
    var kind: EngineKind
    var executable: String
    var arguments: [String]

    /// - Parameters:
    ///   - ownExecutable: our program, which is the built-in engine too.
    ///   - enginePath: `TOPOSYNC_STREAMING_ENGINE_PATH`: a MediaMTX binary or a folder with one.
    /// - Throws: ``EngineProgramError`` when MediaMTX is wanted and there is none.
    static func choose(
        _ kind: EngineKind, ownExecutable: String, enginePath: String?, configuration: String
    ) throws(EngineProgramError) -> EngineProgram {
        let binary = enginePath.flatMap(mediamtxBinary)
        switch kind {
        case .builtin: break
        case .auto:
            if let binary { return EngineProgram(kind: .mediamtx, executable: binary, arguments: [configuration]) }
        case .mediamtx:
            guard let binary else { throw EngineProgramError(enginePath: enginePath) }
            return EngineProgram(kind: .mediamtx, executable: binary, arguments: [configuration])
        }
        return EngineProgram(
            kind: .builtin, executable: ownExecutable, arguments: ["engine", "--exit-with-parent", configuration])
    }

    private static func mediamtxBinary(at path: String) -> String? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        let file = isFolder.boolValue ? path + "/mediamtx" : path
        return FileManager.default.isExecutableFile(atPath: file) ? file : nil
    }

    /// The name of this machine's kind among MediaMTX's downloads (contract A.2, `platform`).
    static var platform: String? {
        #if os(Linux)
        let system = "linux"
        #elseif os(macOS)
        let system = "darwin"
        #endif
        #if arch(x86_64)
        return system + "-x64"
        #elseif arch(arm64)
        return system + "-arm64"
        #else
        return nil
        #endif
    }
}

/// MediaMTX was chosen and is not there.
struct EngineProgramError: Error, CustomStringConvertible {
    var enginePath: String?

    var description: String {
        if let enginePath {
            return "There is no MediaMTX program at '\(enginePath)'. Correct TOPOSYNC_STREAMING_ENGINE_PATH, or set the engine "
                + "kind to 'auto' or 'builtin'."
        }
        return "MediaMTX binary is not installed. Set TOPOSYNC_STREAMING_ENGINE_PATH to a local path, or set the engine kind to "
            + "'auto' or 'builtin'."
    }
}
