import StreamModel

/// Everything that a user set up.
struct StoredConfiguration: Hashable, Sendable {
    /// Engine, camera ingest and transmissions; the newest transmission first.
    var settings = StreamingSettings()
    var cameras: [Camera] = []
    var pipelines: [Pipeline] = []
    /// What this version can't read. It stays stored, and nothing runs of it.
    var invalid: [InvalidDocument] = []
    /// Incremented by each change that is stored.
    var revision = 0

    var transmissions: [Transmission] {
        get { settings.transmissions }
        set { settings.transmissions = newValue }
    }

    /// Nothing has been set up yet.
    var isEmpty: Bool { transmissions.isEmpty && cameras.isEmpty && pipelines.isEmpty }

    func transmission(_ id: String) -> Transmission? { transmissions.first { $0.id == id } }
    func camera(_ id: String) -> Camera? { cameras.first { $0.id == id } }
    func pipeline(_ id: String) -> Pipeline? { pipelines.first { $0.id == id } }

    /// Removes something that can't be read.
    /// - Returns: whether there was such a thing.
    mutating func removeInvalid(_ kind: InvalidDocument.Kind, id: String) -> Bool {
        let count = invalid.count
        invalid.removeAll { $0.kind == kind && $0.id == id }
        return invalid.count < count
    }

    /// What was stored anew under its id, and settings that were changed, can be read now.
    mutating func forgetInvalidReplaced(since old: StoredConfiguration) {
        guard !invalid.isEmpty else { return }
        let hasNewSettings =
            settings.engine != old.settings.engine || settings.cameraIngest != old.settings.cameraIngest
            || settings.events != old.settings.events || settings.mqtt != old.settings.mqtt
        invalid = invalid.filter { $0.kind == .settings ? !hasNewSettings : !holds($0.kind, id: $0.id) }
    }

    func holds(_ kind: InvalidDocument.Kind, id: String) -> Bool {
        switch kind {
        case .settings: true
        case .transmission: transmission(id) != nil
        case .camera: camera(id) != nil
        case .pipeline: pipeline(id) != nil
        }
    }
}

/// Something stored that does not satisfy the rules of this version.
struct InvalidDocument: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case settings, transmission, camera, pipeline
    }

    static let settingsID = "streaming"

    var kind: Kind
    var id: String
    /// That of the document, if it has one.
    var name: String?
    /// Without secrets.
    var reason: String

    var sentence: CodedMessage {
        guard kind != .settings else {
            return CodedMessage(
                "stored_settings_wrong",
                "The stored settings of the engine can't be used, so the defaults are: \(reason).",
                ["reason": .string(reason)])
        }
        let name = name ?? id
        return CodedMessage(
            "stored_wrong",
            "The \(kind.rawValue) '\(name)' is left out, because what is stored of it can't be used: \(reason).",
            ["name": .string(name), "reason": .string(reason)])
    }

    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "id": .string(id), "name": JSONValue(name), "reason": .string(reason),
        ]
    }
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
