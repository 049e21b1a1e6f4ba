extension ControlAPI {
    /// An item of `GET /v3/rtmpconns/list`.
    public struct RTMPConnection: Hashable, Sendable, Codable {
        public var id: String
        public var created: String
        public var remoteAddr: String
        /// `idle`, `read` or `publish`
        public var state: String
        /// Empty of the built-in engine while it is idle.
        public var path: String
        /// Empty of the built-in engine: RTMP's users and passwords stand in it.
        public var query: String
        public var bytesReceived: Int
        public var bytesSent: Int

        public init(
            id: String, created: String, remoteAddr: String, state: String, path: String, query: String,
            bytesReceived: Int, bytesSent: Int
        ) {
            self.id = id
            self.created = created
            self.remoteAddr = remoteAddr
            self.state = state
            self.path = path
            self.query = query
            self.bytesReceived = bytesReceived
            self.bytesSent = bytesSent
        }
    }
}
