import EngineContract
import Foundation
import Logging
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

extension EngineManager {
    /// Writes the file that an engine is about to be started with. When the disk does not take it, the one that is there
    /// will do if it says the same.
    ///
    /// - Throws: `EngineConfigurationError` for what no engine would take, ``EngineFileError``
    func writeToStart(_ configuration: EngineConfiguration, for version: MediaMTXVersion?) throws {
        try configuration.validate()
        let file = Array(configuration.yaml(for: version).utf8)
        do throws(EngineFileError) {
            try write(file)
        } catch {
            let path = environment.directory.engineConfiguration
            guard let present = try? PrivateFile.read(path, limit: file.count + 1), present == file else { throw error }
        }
    }

    /// Changes many paths of MediaMTX at once, by its file. It takes one after the other by its control API, and for each reads
    /// everything anew: 250 take it some seconds, and by its file a tenth of one.
    ///
    /// - Returns: what is left for the control API: all of it where the file is not the way.
    func applyByFile(
        _ changes: [LiveEngineChange], to process: RunningEngine, _ wanted: EngineConfiguration
    ) async throws -> [LiveEngineChange] {
        guard process.program.kind == .mediamtx, changes.count(where: \.isOfPath) >= Self.manyPaths,
            !changes.contains(where: \.isOfWebRTC), let last = changes.last(where: \.isSeenByName)
        else { return changes }
        // It looks away for a second after each look.
        if let changed = process.fileChanged { try await Task.sleep(until: changed + Self.fileInterval) }
        do throws(EngineFileError) {
            try write(Array(wanted.yaml(for: process.version).utf8))
        } catch {
            logger.warning("\(error)")
            return changes
        }
        self.process?.fileChanged = .now
        try await process.client.waitUntilRead(last)
        return changes.filter(\.endsSessions)
    }

    /// From how many on a file is quicker.
    static let manyPaths = 20
    /// MediaMTX's second, and a little.
    private static let fileInterval: Duration = .milliseconds(1100)

    /// Writes what was changed in a running engine into its file.
    ///
    /// Not for MediaMTX: it watches its file, but looks away for a second after each look, so that it would go back to an
    /// older state that it sees late. Each start writes the file anyway.
    func writeWhileRunning(_ configuration: EngineConfiguration, _ program: EngineProgram) {
        guard program.kind == .builtin else { return }
        do throws(EngineFileError) {
            try write(Array(configuration.yaml.utf8))
        } catch {
            logger.warning("\(error)")
        }
    }

    private func write(_ file: [UInt8]) throws(EngineFileError) {
        let path = environment.directory.engineConfiguration
        do throws(Errno) {
            try environment.writeFile(file, path)
            fileProblem = nil
        } catch {
            let problem = EngineFileError(path: path, reason: error)
            fileProblem = problem.message
            throw problem
        }
    }
}

/// The engine's file can't be written.
struct EngineFileError: Error, Hashable, CustomStringConvertible {
    var path: String
    var reason: Errno

    var description: String { message.text }

    var message: CodedMessage {
        let parameters: [String: JSONValue] = ["path": .string(path), "reason": .string("\(reason)")]
        let problem = "The engine's file \(path) can't be written: \(reason)."
        return reason == .noSpace || reason == .diskQuotaExceeded
            ? CodedMessage("engine_file_no_room", "\(problem) Make room on the disk.", parameters)
            : CodedMessage("engine_file_no_access", "\(problem) Give this user access to its folder.", parameters)
    }
}
