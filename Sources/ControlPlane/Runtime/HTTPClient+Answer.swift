import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension HTTPClient {
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
