import StreamModel

/// Everything that a user set up.
struct StoredConfiguration: Hashable, Sendable {
    /// Engine, camera ingest and transmissions; the newest transmission first.
    var settings = StreamingSettings()
    var cameras: [Camera] = []
    var pipelines: [Pipeline] = []

    var transmissions: [Transmission] {
        get { settings.transmissions }
        set { settings.transmissions = newValue }
    }

    /// Nothing has been set up yet.
    var isEmpty: Bool { transmissions.isEmpty && cameras.isEmpty && pipelines.isEmpty }

    func transmission(_ id: String) -> Transmission? { transmissions.first { $0.id == id } }
    func camera(_ id: String) -> Camera? { cameras.first { $0.id == id } }
    func pipeline(_ id: String) -> Pipeline? { pipelines.first { $0.id == id } }
}

/// Something that happened, for the user to read later.
struct StoredEvent: Hashable, Sendable {
    /// Seconds since 1970.
    var atUnix: Double
    /// Such as `engine` or `worker`.
    var kind: String
    /// A sentence without secrets.
    var message: String

    var json: JSONValue {
        ["at_unix": .number(atUnix), "kind": .string(kind), "message": .string(message)]
    }
}
