import ConnectionLimits
import NIOCore
import NIOPosix
import StreamModel

/// The addresses under which clients are told to look for the engine's media.
enum WebRTCHosts {
    /// Candidates of one answer at most: a browser tries each with each of its own.
    static let limit = 16

    /// - Parameters:
    ///   - address: where the socket is bound.
    ///   - additional: where else it is reached; they come first, because somebody has named them.
    static func candidates(boundTo address: ListenAddress, additional: [IPAddress]) -> [IPAddress] {
        var result = additional
        if let host = address.host.flatMap(IPAddress.init), !host.isUnspecified {
            result.append(host)
        } else {
            result += interfaces
        }
        var seen: Set<IPAddress> = []
        return Array(result.filter { seen.insert($0).inserted }.prefix(limit))
    }

    /// The machine's own addresses, without those that only hold within a link; loopback where there is nothing else.
    private static var interfaces: [IPAddress] {
        let all = ((try? System.enumerateDevices()) ?? []).compactMap { IPAddress($0.address) }
        let reachable = all.filter(\.isReachable)
        return reachable.isEmpty ? all.filter(\.isLoopback) : reachable
    }

    /// Whoever waits for a picture does not wait longer for a name server that is away.
    private static let patience: TimeAmount = .seconds(2)

    /// The addresses of names and addresses. Names that are not resolved in time are left out.
    static func resolve(_ hosts: [String], on eventLoop: any EventLoop) async -> [IPAddress] {
        let literals = hosts.compactMap { IPAddress($0) }
        guard literals.count < hosts.count else { return literals }
        let promise = eventLoop.makePromise(of: [IPAddress].self)
        let deadline = eventLoop.scheduleTask(in: patience) { promise.succeed(literals) }
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            hosts.compactMap { host in
                IPAddress(host) ?? IPAddress(try? SocketAddress.makeAddressResolvingHost(host, port: 0))
            }
        }.whenComplete { result in
            deadline.cancel()
            promise.succeed((try? result.get()) ?? literals)
        }
        return (try? await promise.futureResult.get()) ?? literals
    }
}
