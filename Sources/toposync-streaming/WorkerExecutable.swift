import Foundation

/// The program beside this one that links libav.
enum WorkerExecutable {
    /// Becomes it. Process id, standard input and output stay: whoever started us talks to it.
    ///
    /// - Throws: a sentence where it can't be run.
    static func become(_ arguments: [String]) throws -> Never {
        let program = URL(filePath: OwnExecutable.path).deletingLastPathComponent()
            .appending(path: "toposync-streaming-worker").path
        let words: [UnsafeMutablePointer<CChar>?] =
            unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        unsafe execv(program, words)
        let reason = unsafe String(cString: strerror(errno))
        throw WorkerMissing(description: "\(program) can't be run: \(reason). Install the whole package again.")
    }
}

private struct WorkerMissing: Error, CustomStringConvertible {
    let description: String
}
