/// The bodies of the engine's control API (v3), as MediaMTX writes them (reference: mediamtx-facts E.4).
public enum ControlAPI {
    /// `GET /v3/info`
    public struct Info: Hashable, Sendable, Codable {
        public var version: String
        /// ISO 8601.
        public var started: String

        public init(version: String, started: String) {
            self.version = version
            self.started = started
        }
    }

    /// A page of a list; pages count from 0.
    public struct Page<Item: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
        public var itemCount: Int
        public var pageCount: Int
        public var items: [Item]

        public init(itemCount: Int, pageCount: Int, items: [Item]) {
            self.itemCount = itemCount
            self.pageCount = pageCount
            self.items = items
        }

        /// A page of a whole list.
        public init(of all: [Item], page: Int, itemsPerPage: Int) {
            let size = max(itemsPerPage, 1)
            let start = min(max(page, 0).multipliedReportingOverflow(by: size).partialValue, all.count)
            itemCount = all.count
            pageCount = (all.count + size - 1) / size
            items = Array(all[max(start, 0)...].prefix(size))
        }
    }

    /// Who publishes or reads a path.
    public struct Endpoint: Hashable, Sendable, Codable {
        /// `rtspSession`, `hlsSession`, `hlsMuxer`, `webRTCSession`, …
        public var type: String
        public var id: String

        public init(type: String, id: String) {
            self.type = type
            self.id = id
        }
    }

    /// An item of `GET /v3/paths/list`. What one version of MediaMTX has and another has not is optional.
    public struct Path: Hashable, Sendable, Codable {
        public var name: String
        public var confName: String
        public var source: Endpoint?
        public var ready: Bool?
        public var readyTime: String?
        public var available: Bool?
        public var availableTime: String?
        public var tracks: [String]
        public var bytesReceived: Int?
        public var bytesSent: Int?
        public var inboundBytes: Int?
        public var outboundBytes: Int?
        public var readers: [Endpoint]

        public init(name: String, confName: String) {
            self.name = name
            self.confName = confName
            tracks = []
            readers = []
        }

        /// Whether somebody publishes it, whatever version says so.
        public var isAvailable: Bool { available ?? ready ?? false }
    }

    /// An item of `GET /v3/rtspsessions/list`.
    public struct RTSPSession: Hashable, Sendable, Codable {
        public var id: String
        public var created: String
        public var remoteAddr: String
        /// `idle`, `read` or `publish`
        public var state: String
        public var path: String
        public var transport: String?
        public var bytesReceived: Int
        public var bytesSent: Int

        public init(
            id: String, created: String, remoteAddr: String, state: String, path: String, transport: String?,
            bytesReceived: Int, bytesSent: Int
        ) {
            self.id = id
            self.created = created
            self.remoteAddr = remoteAddr
            self.state = state
            self.path = path
            self.transport = transport
            self.bytesReceived = bytesReceived
            self.bytesSent = bytesSent
        }
    }

    /// An item of `GET /v3/hlssessions/list`.
    public struct HLSSession: Hashable, Sendable, Codable {
        public var id: String
        public var created: String
        public var remoteAddr: String
        public var path: String
        public var bytesSent: Int

        public init(id: String, created: String, remoteAddr: String, path: String, bytesSent: Int) {
            self.id = id
            self.created = created
            self.remoteAddr = remoteAddr
            self.path = path
            self.bytesSent = bytesSent
        }
    }

    /// The body of every refusal.
    public struct Failure: Hashable, Sendable, Codable {
        public var status: String
        public var error: String

        public init(_ error: String) {
            status = "error"
            self.error = error
        }
    }

    /// The body of every successful change.
    public struct Success: Hashable, Sendable, Codable {
        public var status = "ok"

        public init() {}
    }
}
