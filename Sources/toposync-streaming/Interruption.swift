import Dispatch
import Foundation

/// An installation that a Ctrl-C ends in order, so that what was downloaded is kept.
enum Interruption {
    /// - Parameter cancel: ends what the body waits for, with which the process ends.
    static func cancelling<Result>(
        _ cancel: @escaping @Sendable () async -> Void, _ body: () async -> Result
    ) async -> Result {
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { Task { await cancel() } }
            source.resume()
            return source
        }
        let result = await body()
        for source in sources { source.cancel() }
        return result
    }
}

/// Written on a line of standard error; the exit code is 1.
struct InstallFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
