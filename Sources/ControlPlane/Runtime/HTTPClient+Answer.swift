import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension HTTPClient {
    /// A client for a peer that may be away for a while, such as an engine that is started again: what can't be sent fails at
    /// once, and the next request tries anew.
    ///
    /// AsyncHTTPClient would pause between its own tries, longer with each connection that fails, up to a minute; and a hundred
    /// requests that fail together are a hundred such connections. A peer that is back would not be noticed for that long.
    ///
    /// What requests carry, a password or a token, must not follow an answer to another address: no redirect is followed.
    static func ofPeer(_ configure: (inout Configuration) -> Void = { _ in }) -> HTTPClient {
        var configuration = Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        configure(&configuration)
        return HTTPClient(eventLoopGroup: defaultEventLoopGroup, configuration: configuration)
    }

    /// The whole answer to a request. The time limit of a request alone ends with the head of its answer, so that a body that
    /// does not come would be waited for without an end.
    func answer(
        to request: HTTPClientRequest, within limit: Duration, bodyLimit: Int
    ) async throws -> (status: HTTPResponseStatus, body: ByteBuffer) {
        try await withThrowingTaskGroup(of: (status: HTTPResponseStatus, body: ByteBuffer).self) { group in
            group.addTask {
                let response = try await self.execute(request, deadline: .distantFuture)
                return (response.status, try await response.body.collect(upTo: bodyLimit))
            }
            group.addTask {
                try await _Concurrency.Task.sleep(for: limit)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
