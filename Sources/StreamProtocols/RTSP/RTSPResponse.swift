/// An RTSP response (RFC 2326 §7).
public struct RTSPResponse: Sendable, Equatable {
    public var status: RTSPStatus
    public var headers: RTSPHeaders
    public var body: [UInt8]

    public init(status: RTSPStatus, headers: RTSPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The sequence number of the request that this answers (RFC 2326 §12.17); nil when missing or not a number.
    public var cSeq: Int? { headers.cSeq }

    /// The response in wire format. `Content-Length` is set from the body.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "RTSP/1.0 \(status.code) ".utf8)
        bytes.appendHeaderText(status.reason)
        bytes.append(contentsOf: "\r\n".utf8)
        bytes.appendMessageTail(headers: headers, body: body)
        return bytes
    }
}
