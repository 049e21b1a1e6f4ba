import Foundation
import MediaKit
import NIOCore
import NIOPosix

/// The network address that a camera answers at, to notice that a camera which was switched off is back before the next
/// attempt is due: the schedule of attempts spares cameras that answer, and one that is away needs no sparing.
struct CameraDoor: Sendable, Equatable {
    /// How often it is knocked at. One TCP connection that is closed at once.
    static let interval: Duration = .milliseconds(500)
    private static let answerTimeout: Duration = .milliseconds(400)

    let address: SocketAddress

    /// Nil for cameras that are not on the network, and for host names: looking them up can't be interrupted.
    init?(url: String) {
        guard let parts = URLComponents(string: url), let host = parts.host,
            let port = parts.port ?? Self.ports[parts.scheme ?? ""],
            let address = try? SocketAddress(ipAddress: host.trimmingCharacters(in: ["[", "]"]), port: port)
        else { return nil }
        self.address = address
    }

    private static let ports = ["rtsp": 554, "rtsps": 322, "http": 80, "https": 443]

    /// Whether an error means that the camera was not there, so that waiting for it makes sense.
    static func isClosed(_ kind: MediaError.Kind) -> Bool {
        switch kind {
        case .refused, .unreachable, .timedOut: true
        case .endOfStream, .interrupted, .unauthorized, .notFound, .invalidData, .noVideo, .unsupported, .other: false
        }
    }

    /// Returns when the camera answers, when `deadline` has passed, or when interrupted. Blocks.
    func waitUntilOpen(deadline: MonotonicInstant, interrupt: InterruptFlag, eventLoop: any EventLoop) {
        while !interrupt.wait(until: min(deadline, .now + Self.interval)), MonotonicInstant.now < deadline {
            let connection = ClientBootstrap(group: eventLoop).connectTimeout(.init(Self.answerTimeout))
                .connect(to: address).flatMap { $0.close() }
            if (try? connection.wait()) != nil { return }
        }
    }
}
