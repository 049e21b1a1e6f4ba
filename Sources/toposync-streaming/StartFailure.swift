import Foundation
import Logging
import NIOCore
import WebServer

import struct ArgumentParser.ExitCode

/// Why the server does not run, as one sentence that says what to do.
struct StartFailure: Error {
    let sentence: String

    init(_ error: any Error) {
        sentence = (error as? ListenFailure).map(Self.sentence) ?? String(describing: error)
    }

    private static func sentence(_ failure: ListenFailure) -> String {
        let option = failure.isIngress ? "--ingress-port" : "--port"
        switch (failure.cause as? IOError)?.errnoCode {
        case EADDRINUSE:
            return
                "Port \(failure.port) of \(failure.host) is in use. Stop the program that uses it, or choose another "
                + "with \(option)."
        case EACCES:
            return "Port \(failure.port) needs administrator rights. Choose one above 1023 with \(option)."
        case EADDRNOTAVAIL:
            return "This machine has no address \(failure.host). Choose another with --host."
        default:
            return String(describing: failure.cause)
        }
    }

    /// Writes the sentence to the log; what is thrown then only sets the exit status.
    func logged(_ logger: Logger) -> ExitCode {
        logger.critical("\(sentence)")
        return .failure
    }
}
