import NIOCore

/// A connection's place among those that its listener may have.
struct CountedConnection {
    private let counter: ConnectionCounter
    private let proxies: [IPNetwork]
    private var client: ClientNetwork?
    private(set) var isCounted = false

    /// - Parameters:
    ///   - counter: that of the listener, shared by its connections.
    ///   - proxies: addresses that many clients share; only the total number of connections limits them.
    init(counter: ConnectionCounter, proxies: [IPNetwork]) {
        self.counter = counter
        self.proxies = proxies
    }

    /// Takes a place.
    ///
    /// - Parameter channel: that of the connection. Asked of a context, the address of a stream of HTTP/2 ends the process.
    /// - Returns: whether there was one; the connection is to be closed if not.
    mutating func begin(_ channel: any Channel) -> Bool {
        client = ClientNetwork(channel.remoteAddress, proxies: proxies)
        isCounted = counter.enter(client)
        return isCounted
    }

    /// Gives the place up, if it has one.
    mutating func end() {
        if isCounted { counter.leave(client) }
        isCounted = false
    }
}
