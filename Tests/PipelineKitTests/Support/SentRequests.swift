import StreamProtocols

@testable import PipelineKit

/// A session did something else than what a test expected.
struct UnexpectedAction<Action: Sendable>: Error { var action: Action }

/// The request that a client of cameras sends with an action.
func request(_ action: PlaySession.Action) throws -> RTSPRequest {
    guard case .send(let bytes) = action else { throw UnexpectedAction(action: action) }
    return try request(sentAs: bytes)
}

/// The request that a publisher sends with an action.
func request(_ action: PublishSession.Action) throws -> RTSPRequest {
    guard case .send(let bytes) = action else { throw UnexpectedAction(action: action) }
    return try request(sentAs: bytes)
}

private func request(sentAs bytes: [UInt8]) throws -> RTSPRequest {
    var decoder = RTSPDecoder()
    decoder.append(bytes)
    guard case .request(let request) = try decoder.next() else { throw UnexpectedAction(action: bytes) }
    return request
}

extension PlaySession {
    /// Answers the request of an action as a camera would.
    mutating func answer(
        _ action: Action, _ status: RTSPStatus = .ok, _ headers: RTSPHeaders = [:], body: String = ""
    ) throws -> Action {
        var response = RTSPResponse(status: status, headers: headers, body: [UInt8](body.utf8))
        response.headers["CSeq"] = try request(action).headers["CSeq"]
        return received(response)
    }
}
