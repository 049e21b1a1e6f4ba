import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What those have in common that pass on what others answer.
extension HTTPClient {
    /// A client for a peer whose answers are passed on.
    /// - Parameter connectTimeout: how long the peer may take to accept a connection.
    static func ofRelay(
        connectTimeout: TimeAmount, _ configure: (inout Configuration) -> Void = { _ in }
    ) -> HTTPClient {
        ofPeer { configuration in
            // Longer than a client may take to read some more, so that a slow one is not taken for a dead peer.
            configuration.timeout = .init(connect: connectTimeout, read: .seconds(40))
            configure(&configuration)
        }
    }
}

extension HTTPClientResponse {
    /// The fields that are passed on, in the order of their names.
    func headers(named names: [String]) -> [(name: String, value: String)] {
        names.flatMap { name in headers[name].map { (name, $0) } }
    }
}
