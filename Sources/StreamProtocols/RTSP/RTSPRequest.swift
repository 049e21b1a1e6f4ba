/// An RTSP request (RFC 2326 §6).
public struct RTSPRequest: Sendable, Equatable {
    public var method: RTSPMethod
    /// The request URI as it stands in the request line: an absolute URL, or `*` with OPTIONS.
    public var uri: String
    public var headers: RTSPHeaders
    public var body: [UInt8]

    public init(method: RTSPMethod, uri: String, headers: RTSPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
    }

    /// The sequence number that the response must repeat (RFC 2326 §12.17); nil when missing or not a number.
    public var cSeq: Int? { headers.cSeq }

    /// The request in wire format. `Content-Length` is set from the body.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendHeaderText(method.rawValue)
        bytes.append(0x20)
        bytes.appendHeaderText(uri)
        bytes.append(contentsOf: " RTSP/1.0\r\n".utf8)
        bytes.appendMessageTail(headers: headers, body: body)
        return bytes
    }
}

extension RTSPHeaders {
    var cSeq: Int? { self["CSeq"].flatMap { Int($0.trimmingASCIIWhitespace()) } }
}

extension [UInt8] {
    /// Appends headers, empty line and body; `Content-Length` always tells the body's length (RFC 2326 §4.4).
    mutating func appendMessageTail(headers: RTSPHeaders, body: [UInt8]) {
        var headers = headers
        headers["Content-Length"] = body.isEmpty ? nil : String(body.count)
        headers.append(to: &self)
        append(contentsOf: "\r\n".utf8)
        append(contentsOf: body)
    }
}
